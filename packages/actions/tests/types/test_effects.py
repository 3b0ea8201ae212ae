"""Records and alerts: what is asked of the effect store, and under which key."""

import pytest

from ichor_actions import ConfigError, RefusedError, Registry, Resources, TransientError
from ichor_actions.builtin import builtin_actions
from ichor_core.errors import ConditionError, ConflictError, InvalidInputError

KEY = "00000000-0000-4000-8000-000000000002/00000000-0000-4000-8000-000000000003/0"
WHERE = {"field": "id", "operator": "equals", "value": "{{id}}"}
RECORD = {"table": "tasks", "values": {"title": "Check {{id}}", "order": "{{id}}"}}


async def test_a_record_is_created(run, effects):
    result = await run("create_record", RECORD, {"id": 7})
    assert result == {"created": True, "record": {"id": 1, "title": "Check 7", "order": 7}}
    ((key, *call),) = effects.calls
    assert str(key) == KEY
    assert call == ["create_record", "tasks", {"title": "Check 7", "order": 7}]


@pytest.mark.parametrize(
    ("change", "changes"),
    [
        ({"field": "status", "value": "{{to}}"}, {"status": "open"}),
        ({"field": "status", "value": None}, {"status": None}),
        ({"changes": {"status": "{{to}}", "note": None}}, {"status": "open", "note": None}),
    ],
)
async def test_fields_are_updated(run, effects, change, changes):
    config = {"table": "orders", "where": WHERE, **change}
    assert await run("update_field", config, {"id": 7, "to": "open"}) == {"updated": 1}
    where = {"field": "id", "operator": "equals", "value": 7}
    ((key, *call),) = effects.calls
    assert str(key) == KEY
    assert call == ["update_records", "orders", changes, where]


@pytest.mark.parametrize(
    ("name", "config"),
    [
        ("create_record", {"values": {"a": 1}}),
        ("update_field", {"where": {"all": []}, "changes": {"a": 1}}),
    ],
)
async def test_a_schema_and_its_table_may_both_have_long_names(run, effects, name, config):
    table = f"{'s' * 63}.{'t' * 63}"
    await run(name, {"table": table, **config})
    assert effects.calls[0][2] == table
    with pytest.raises(ConfigError, match="table"):
        await run(name, {"table": table + "t", **config})


async def test_every_row_has_to_be_asked_for(run, effects):
    config = {"table": "orders", "where": {"all": []}, "changes": {"a": 1}}
    assert await run("update_field", config) == {"updated": 1}
    for empty in ({}, [], None):
        with pytest.raises(ConfigError, match=r"\$\.where: empty condition"):
            await run("update_field", {**config, "where": empty})
    assert len(effects.calls) == 1


@pytest.mark.parametrize("where", ["{{any}}", {"all": "{{none}}"}, {"not": "{{any}}"}])
async def test_data_cannot_widen_the_condition(run, effects, where):
    with pytest.raises(ConditionError):
        await run(
            "update_field",
            {"table": "orders", "where": where, "changes": {"a": 1}},
            {"none": [], "any": {"all": []}},
        )
    assert effects.calls == []


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"field": "a"},
        {"value": 1},
        {"field": "a", "value": 1, "changes": {"b": 1}},
        {"field": "a", "changes": {"b": 1}},
        {"changes": {}},
    ],
)
async def test_a_change_is_given_in_one_way(run, change):
    with pytest.raises(ConfigError, match=r"\$: give either field and value, or changes"):
        await run("update_field", {"table": "orders", "where": WHERE, **change}, {"id": 1})


async def test_an_alert_is_created(run, effects):
    config = {
        "title": "Stock of {{item}}",
        "severity": "critical",
        "recipients": ["{{who}}"],
        "details": {"item": "{{item}}"},
    }
    assert await run("create_alert", config, {"item": "x", "who": "ops"}) == {"alert_id": "alert 0"}
    ((key, *call),) = effects.calls
    assert str(key) == KEY
    assert call == [
        "create_alert",
        {
            "title": "Stock of x",
            "message": "",
            "severity": "critical",
            "recipients": ["ops"],
            "details": {"item": "x"},
        },
    ]


ALL = [
    ("create_record", RECORD),
    ("update_field", {"table": "orders", "where": WHERE, "field": "a", "value": 1}),
    ("create_alert", {"title": "It is {{id}}"}),
]


@pytest.mark.parametrize(("name", "config"), ALL)
async def test_a_repeated_attempt_changes_nothing_and_another_visit_does(
    run, effects, name, config
):
    first = await run(name, config, {"id": 7}, attempt=1)
    assert await run(name, config, {"id": 7}, attempt=2) == first
    assert len(effects.calls) == 1
    await run(name, config, {"id": 7}, visit=1)
    assert [call[0].visit for call in effects.calls] == [0, 1]


@pytest.mark.parametrize(("name", "config"), ALL)
async def test_without_a_store_it_is_refused(run_in, name, config):
    registry = Registry(builtin_actions(Resources()))
    with pytest.raises(RefusedError, match="effects is not configured"):
        await run_in(registry, name, config, {"id": 7})


async def test_what_the_store_refuses_is_passed_on(run):
    with pytest.raises(InvalidInputError, match="'nowhere' is not declared"):
        await run("create_record", {"table": "nowhere", "values": {"a": 1}})


@pytest.mark.parametrize(
    ("name", "config", "message"),
    [
        ("create_record", {"table": "", "values": {"a": 1}}, r"\$\.table: .*at least 1"),
        ("create_record", {"table": "t", "values": {}}, r"\$\.values: .*at least 1"),
        ("create_record", {"table": "t", "value": {"a": 1}}, "unknown field `value`"),
        ("update_field", {"table": 1, "where": []}, r"\$\.table: expected text"),
        ("create_alert", {"title": ""}, r"\$\.title: .*at least 1"),
        ("create_alert", {"title": "t", "severity": "loud"}, r"\$\.severity: 'loud' is not one of"),
        ("create_alert", {"title": "t", "recipients": [1]}, r"\$\.recipients\[0\]"),
    ],
)
async def test_a_wrong_config_fails_with_its_place(run, name, config, message):
    with pytest.raises(ConfigError, match=message):
        await run(name, config)


@pytest.mark.parametrize(("name", "config"), ALL[:2])
async def test_another_transaction_in_the_way_lets_the_attempt_be_made_again(
    run, effects, monkeypatch, name, config
):
    async def refuse(*_):
        raise ConflictError("tasks: deadlock with another transaction [40P01]")

    for method in ("create_record", "update_records"):
        monkeypatch.setattr(effects, method, refuse)
    with pytest.raises(TransientError, match=r"deadlock with another transaction \[40P01\]"):
        await run(name, config, {"id": 7})
