"""The published form of the built-in types."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator
from msgspec import Struct, defstruct

from ichor_actions import Registry, Resources
from ichor_actions.builtin import builtin_actions
from ichor_actions.definition.durations import Duration
from ichor_actions.definition.json_schema import json_schema
from ichor_core import exact_json
from ichor_core.action_type import ActionType

TYPES = {item.type: item for item in Registry(builtin_actions(Resources())).types()}


def test_the_built_in_types():
    assert {name: item.kind for name, item in TYPES.items()} == {
        "allocate_inventory": "async",
        "credit_check": "async",
        "fraud_detection": "async",
        "reserve_shipping": "async",
        "third_party_api_call": "async",
        "approval_request": "human",
        "call_webhook": "sync",
        "create_alert": "local",
        "create_record": "local",
        "delay": "timer",
        "evaluate_condition": "local",
        "human_verification": "human",
        "manager_approval": "human",
        "manual_review": "human",
        "send_email": "sync",
        "set_values": "local",
        "update_field": "local",
    }
    assert TYPES["evaluate_condition"].outcomes == ("true_branch", "false_branch")
    assert TYPES["evaluate_condition"].reference_keys == ("field",)
    assert TYPES["update_field"].reference_keys == ()
    assert all(item.title and item.description for item in TYPES.values())


@pytest.mark.parametrize("name", TYPES)
def test_schemas_are_valid_and_need_no_other_document(name: str):
    for schema in (TYPES[name].config_schema, TYPES[name].result_schema):
        Draft202012Validator.check_schema(schema)
        assert schema["type"] == "object"
    assert exact_json.decode(exact_json.encode(TYPES[name]), ActionType) == TYPES[name]


@pytest.mark.parametrize(
    ("name", "config", "wrong"),
    [
        ("evaluate_condition", {"condition": {"field": "a"}}, None),
        ("set_values", {"values": {"a": 1}}, None),
        ("create_record", {"table": "t", "values": {"a": 1}}, None),
        ("create_record", {"table": "t", "values": {}}, ["values"]),
        ("update_field", {"table": "t", "where": [], "changes": {"a": None}}, ["where"]),
        ("update_field", {"table": "t", "where": {"all": []}, "changes": {"a": None}}, None),
        ("update_field", {"table": "t", "where": {"all": []}, "field": "a", "value": None}, None),
        ("update_field", {"table": "t", "where": {"all": []}, "field": "a"}, []),
        ("update_field", {"table": "t", "where": {"all": []}}, []),
        ("delay", {"for": 1}, None),
        ("delay", {"for": 1, "until": None}, None),
        ("delay", {"for": 1, "until": "2026-01-01"}, []),
        ("delay", {"for": None}, []),
        ("create_alert", {"title": "t", "severity": "warning"}, None),
        ("create_alert", {"title": "t", "severity": "loud"}, ["severity"]),
        ("send_email", {"to": ["a@b"], "subject": "s", "text": "t"}, None),
        ("send_email", {"to": 1, "subject": "s", "text": "t"}, ["to"]),
        ("send_email", {"to": [], "subject": "s", "text": "t"}, ["to"]),
        ("send_email", {"to": "a@b", "subject": "s", "html": None}, []),
        ("call_webhook", {"url": "u", "expected_statuses": [404]}, None),
        ("call_webhook", {"url": "u", "expected_statuses": ["x"]}, ["expected_statuses", 0]),
        ("call_webhook", {"url": "u", "verb": "GET"}, []),
    ],
)
def test_schemas_take_what_the_types_take(
    name: str, config: dict[str, Any], wrong: list[Any] | None
):
    """The place that is wrong, None where the config fits; formats are not part of it."""
    errors = list(Draft202012Validator(TYPES[name].config_schema).iter_errors(config))
    assert [list(error.absolute_path) for error in errors] == ([] if wrong is None else [wrong])


class Tree(Struct):
    name: str
    children: list["Tree"] = []


class Forest(Struct):
    trees: list[Tree]


def test_structs_inside_structs_stay_reachable():
    for struct in (Tree, Forest):
        schema = json_schema(struct)
        Draft202012Validator.check_schema(schema)
        assert "properties" in schema
    validator = Draft202012Validator(json_schema(Forest))
    leaf = {"name": "leaf"}
    assert validator.is_valid({"trees": [{"name": "root", "children": [leaf]}]})
    assert not validator.is_valid({"trees": [{"name": "root", "children": [{"name": 1}]}]})
    recursive = Draft202012Validator(json_schema(Tree))
    assert not recursive.is_valid({"name": "root", "children": [{"name": 1}]})


class Described(Struct):
    plain: str
    """What it is."""
    how_long: Duration = 60
    """How long"""
    wait: Duration = 60
    tree: Tree | None = None
    """Which one."""


def test_docstrings_are_descriptions_before_what_is_said_of_the_type():
    properties = json_schema(Described)["properties"]
    of_durations = "Seconds, or a duration of ISO 8601: `PT90M`, `P7D`, `P2W`"
    assert properties["plain"]["description"] == "What it is."
    assert properties["how_long"]["description"] == f"How long. {of_durations}"
    assert properties["wait"]["description"] == of_durations
    assert properties["tree"]["description"] == "Which one."


def test_fields_of_the_built_in_types_are_described_inside_too():
    values = TYPES["set_values"].config_schema["properties"]["values"]
    assert values["description"].startswith("The result; later actions refer to it")
    inner = TYPES["reserve_shipping"].config_schema["$defs"]["Address"]["properties"]
    assert inner["country"]["description"] == "ISO 3166-1, two letters."


class Same(Struct):
    a: int
    """Of the first."""


def other_same() -> type[Struct]:
    class Same(Struct):
        a: int
        """Of the second."""

    return Same


def test_structs_of_one_name_keep_their_own_descriptions():
    pair = defstruct("Pair", [("one", Same), ("two", other_same())])
    found = [
        each["properties"]["a"]["description"]
        for name, each in json_schema(pair)["$defs"].items()
        if name.endswith("Same")
    ]
    assert sorted(found) == ["Of the first.", "Of the second."]


def test_rules_and_their_definitions_join_the_schema():
    rule = {"properties": {"name": {"$ref": "#/$defs/Short"}}, "$defs": {"Short": {"maxLength": 3}}}
    schema = json_schema(Tree, [rule])
    Draft202012Validator.check_schema(schema)
    assert "Tree" in schema["$defs"]
    validator = Draft202012Validator(schema)
    assert validator.is_valid({"name": "abc"})
    assert not validator.is_valid({"name": "abcd"})
