"""Conditions and values."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from ichor_actions import ConfigError
from ichor_core.errors import ConditionError

TRUE = {"result": True, "branch_taken": "true_branch"}
FALSE = {"result": False, "branch_taken": "false_branch"}


async def test_the_branch_follows_the_condition(run):
    condition = {"field": "order.total", "operator": "greater_than", "value": "{{limit}}"}
    results = {"order": {"total": Decimal("100.01")}}
    assert (
        await run("evaluate_condition", {"condition": condition}, {"limit": 100}, results) == TRUE
    )
    assert (
        await run("evaluate_condition", {"condition": condition}, {"limit": 101}, results) == FALSE
    )


async def test_groups_of_conditions(run):
    gold = {"field": "tier", "operator": "in", "value": ["gold", "{{best}}"]}
    old = {"field": "trigger.age", "operator": "greater_than_or_equal", "value": 18}
    condition = {"all": [gold, {"not": {"any": [{"not": old}]}}]}
    trigger = {"tier": "platinum", "age": 18, "best": "platinum"}
    assert await run("evaluate_condition", {"condition": condition}, trigger) == TRUE
    assert (
        await run("evaluate_condition", {"condition": condition}, {**trigger, "age": 17}) == FALSE
    )


async def test_what_is_missing_counts_as_null(run):
    condition = {"field": "gone.field", "operator": "is_null"}
    assert await run("evaluate_condition", {"condition": condition}) == TRUE


async def test_values_that_look_like_templates_or_conditions_stay_values(run):
    change = {"field": "{{x}}", "operator": "nonsense"}
    condition = {"field": "a", "operator": "equals", "value": "{{b}}"}
    assert (
        await run("evaluate_condition", {"condition": condition}, {"a": change, "b": change})
        == TRUE
    )


@pytest.mark.parametrize(
    ("condition", "path"),
    [
        ({"field": "a", "operator": "like", "value": 1}, "$.condition.operator"),
        ({"all": [{"field": "a", "operator": "in"}]}, "$.condition.all[0].value"),
        ({"any": {}}, "$.condition.any"),
        ("{{chosen}}", "$.condition"),
        ({"all": ["{{chosen}}"]}, "$.condition.all[0]"),
        ({"any": "{{chosen}}"}, "$.condition.any"),
        ({"field": "n", "operator": "less_than", "value": "text"}, "$.condition"),
        ({"field": "n", "operator": "in", "value": "{{n}}"}, "$.condition.value"),
    ],
)
async def test_a_wrong_condition_fails_with_its_place(run, condition, path):
    chosen = {"field": "a", "operator": "is_null"}
    with pytest.raises(ConditionError) as caught:
        await run("evaluate_condition", {"condition": condition}, {"chosen": chosen, "n": 1})
    assert caught.value.path == path


async def test_data_cannot_choose_the_field(run):
    condition = {"field": "{{a}}", "operator": "is_null"}
    with pytest.raises(ConditionError, match=r"\$\.condition\.field: '{{a}}' has braces") as caught:
        await run("evaluate_condition", {"condition": condition}, {"a": "b"})
    assert caught.value.path == "$.condition.field"


async def test_the_condition_has_one_place(run):
    with pytest.raises(ConfigError, match="unknown field `operator`"):
        await run("evaluate_condition", {"condition": {}, "operator": "equals"})
    with pytest.raises(ConfigError, match="missing required field `condition`"):
        await run("evaluate_condition", {})


async def test_values_are_the_result(run):
    values = {"total": "{{order.total}}", "label": "no. {{no}}", "deep": {"list": ["{{no}}"]}}
    result = await run(
        "set_values", {"values": values}, {"no": 10**30}, {"order": {"total": Decimal("0.30")}}
    )
    assert result == {
        "total": Decimal("0.30"),
        "label": f"no. {10**30}",
        "deep": {"list": [10**30]},
    }


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({}, r"\$: .*missing required field `values`"),
        ({"values": [1]}, r"\$\.values: expected an object, not a list"),
        ({"values": "{{list}}"}, r"\$\.values: expected an object, not a list"),
    ],
)
async def test_values_are_an_object(run, config, message):
    with pytest.raises(ConfigError, match=message):
        await run("set_values", config, {"list": []})


DURATIONS = [
    (90, 90),
    (0.5, 0.5),
    ("PT90M", 5400),
    ("P7D", 7 * 86400),
    ("P2W", 14 * 86400),
    ("P1DT2H3M4.5S", 86400 + 7384.5),
    (" pt1,5h ", 5400),
]


@pytest.mark.parametrize(("written", "seconds"), DURATIONS)
async def test_a_delay_for_some_time(run, written, seconds):
    before = datetime.now(UTC)
    result = await run("delay", {"for": written})
    after = datetime.now(UTC)
    until = datetime.fromisoformat(result["until"])
    assert before <= until - timedelta(seconds=seconds) <= after
    assert result["waited"] == seconds


async def test_a_delay_until_a_time(run):
    time = datetime.now(UTC) + timedelta(days=30)
    for written in (time.isoformat(), time.replace(tzinfo=None).isoformat()):
        result = await run("delay", {"until": "{{when}}"}, {"when": written})
        assert datetime.fromisoformat(result["until"]) == time
        assert 30 * 86400 - 60 < result["waited"] < 30 * 86400


@pytest.mark.parametrize("past", ["2020-01-01", "2020-01-01T00:00:00+02:00"])
async def test_a_delay_until_a_time_that_is_past_ends_at_once(run, past):
    before = datetime.now(UTC)
    result = await run("delay", {"until": past})
    assert before <= datetime.fromisoformat(result["until"]) <= datetime.now(UTC)
    assert result["waited"] == 0


@pytest.mark.parametrize(
    ("config", "path", "message"),
    [
        ({}, "$", "either for or until"),
        ({"for": 1, "until": "2020-01-01"}, "$", "either for or until"),
        ({"for": 0}, "$.for", "above zero"),
        ({"for": -1}, "$.for", "above zero"),
        ({"for": "P366D"}, "$.for", "at most a year"),
        ({"for": 1e300}, "$.for", "at most a year"),
        ({"for": "P1Y"}, "$.for", "P1Y"),
        ({"for": "P"}, "$.for", "PT90M"),
        ({"for": "P1DT"}, "$.for", "PT90M"),
        ({"for": "tomorrow"}, "$.for", "PT90M"),
        ({"until": "2999-01-01"}, "$.until", "more than a year"),
        ({"until": "tomorrow"}, "$.until", "ISO 8601"),
        ({"until": "0001-01-01T00:00:00+10:00"}, "$.until", "ISO 8601"),
        ({"until": 5}, "$.until", "expected text"),
        ({"for": True}, "$.for", "not true or false"),
    ],
)
async def test_a_wrong_delay_fails_with_its_place(run, config, path, message):
    with pytest.raises(ConfigError) as caught:
        await run("delay", config)
    assert caught.value.path == path
    assert message in caught.value.message
