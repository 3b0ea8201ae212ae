from decimal import Decimal

import pytest

from ichor_core.action_type import ActionType
from ichor_engine.rules.config_check import ConfigCheck

TYPE = ActionType(
    type="t",
    title="T",
    kind="local",
    config_schema={
        "type": "object",
        "properties": {
            "count": {"type": "integer", "minimum": 1},
            "step": {"type": "number", "multipleOf": 0.5},
            "kind": {"enum": ["a", "b"]},
            "to": {
                "anyOf": [
                    {"type": "array", "items": {"$ref": "#/$defs/Address"}},
                    {"type": "null"},
                ]
            },
            "when": {"oneOf": [{"type": "integer"}, {"type": "boolean"}]},
        },
        "required": ["count"],
        "additionalProperties": False,
        "$defs": {
            "Address": {
                "type": "object",
                "properties": {"zip": {"type": "integer"}, "name": {"type": "string"}},
                "required": ["zip"],
            }
        },
    },
)


@pytest.mark.parametrize(
    "config",
    [
        {"count": 1},
        {"count": "{{order.count}}"},
        {"count": 1, "kind": "{{kind}}"},
        {"count": 1, "kind": "prefix {{kind}}"},
        {"count": 1, "to": "{{addresses}}"},
        {"count": 1, "to": ["{{address}}", {"zip": 3}]},
        {"count": 1, "to": [{"zip": "{{zip}}", "name": "{{name}}"}]},
        {"count": 1, "to": None},
        {"count": 1, "when": "{{when}}"},
        {"count": 2**70, "step": Decimal("1.5")},
    ],
)
def test_these_fit(config):
    assert list(ConfigCheck()(TYPE, config)) == []


@pytest.mark.parametrize(
    ("config", "path"),
    [
        ({}, "$"),
        ({"count": 0}, "$.count"),
        ({"count": "3"}, "$.count"),
        ({"count": 1.5}, "$.count"),
        ({"count": Decimal("1.00000000000000000001e-30")}, "$.count"),
        ({"count": 1, "step": Decimal("0.3")}, "$.step"),
        ({"count": 1, "kind": "c"}, "$.kind"),
        ({"count": 1, "colour": "{{red}}"}, "$"),
        ({"count": 1, "to": ["x"]}, "$.to[0]"),
        ({"count": 1, "to": [{"zip": "{{zip}}", "name": 3}]}, "$.to[0].name"),
        ({"count": 1, "to": [{"name": "{{name}}"}]}, "$.to[0]"),
        ({"count": 1, "when": "noon"}, "$.when"),
    ],
)
def test_these_do_not(config, path):
    assert {place for place, _ in ConfigCheck()(TYPE, config)} == {path}


def test_all_faults_are_found_and_messages_stay_short():
    faults = list(ConfigCheck()(TYPE, {"count": "x" * 10_000, "kind": 3, "step": 0.3}))
    assert [path for path, _ in faults] == ["$.count", "$.kind", "$.step"]
    assert all(len(message) < 400 for _, message in faults)


def test_a_config_of_very_many_faults_is_bounded():
    faults = ConfigCheck()(TYPE, {"count": 1, "to": [{"zip": "x"}] * 5_000})
    assert 0 < len(faults) <= 1_000


def test_a_config_that_is_too_large_to_be_checked_says_so():
    faults = ConfigCheck()(TYPE, {"count": 1, "to": [{"zip": 1}] * 200_000})
    assert faults == [("$", "this is too large to be checked against its schema")]
