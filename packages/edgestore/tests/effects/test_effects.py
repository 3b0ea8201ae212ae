import asyncio
from decimal import Decimal
from uuid import UUID, uuid4

import asyncpg
import pytest

from ichor_core.contract import EffectKey
from ichor_core.errors import ConditionError, InvalidInputError
from ichor_edgestore.database.pool import TRANSIENT_ERRORS
from ichor_edgestore.effects.ledger import run_once


def in_database(test):
    test = pytest.mark.parametrize("stores", ["database"], indirect=True)(test)
    return pytest.mark.servers(test)


def new_key() -> EffectKey:
    return EffectKey(str(uuid4()), str(uuid4()))


async def create(stores, **values: object) -> dict:
    return (await stores.effects.create_record(new_key(), "public.orders", values))["record"]


async def test_a_record_is_created_and_returned(stores) -> None:
    values = {
        "customer": "日本",
        "total": Decimal("12345678901234567890.5"),
        "state": "new",
        "notes": {"n": [2**70, None]},
        "tags": ["a", "b,c", '"', "{}"],
    }
    result = await stores.effects.create_record(new_key(), "public.orders", values)
    assert result["created"] is True
    assert {name: result["record"][name] for name in values} == values
    assert str(UUID(result["record"]["id"])) == result["record"]["id"]
    assert set(result["record"]) == {*values, "id"}


async def test_what_is_not_given_is_null(stores) -> None:
    record = await create(stores)
    assert record == {"id": record["id"]} | dict.fromkeys(
        ("customer", "total", "state", "notes", "tags")
    )


async def test_records_are_updated_where_the_condition_holds(stores) -> None:
    for total in (1, 2, 3):
        await create(stores, customer=f"c{total}", total=total)
    where = {"field": "total", "operator": "greater_than", "value": 1}
    effects = stores.effects
    changes = {"state": "big", "notes": {"a": 1}}
    updated = await effects.update_records(new_key(), "public.orders", changes, where)
    assert updated == {"updated": 2}
    big = {"field": "state", "operator": "equals", "value": "big"}
    noted = {"all": [big, {"field": "notes.a", "operator": "equals", "value": 1}]}
    again = await effects.update_records(new_key(), "public.orders", {"state": None}, noted)
    assert again == {"updated": 2}
    none = await effects.update_records(new_key(), "public.orders", {"state": "x"}, big)
    assert none == {"updated": 0}
    everything = await effects.update_records(
        new_key(), "public.orders", {"state": "x"}, {"all": []}
    )
    assert everything == {"updated": 3}


async def test_a_record_is_updated_by_its_key(stores) -> None:
    record = await create(stores)
    await create(stores)
    where = {"field": "id", "operator": "equals", "value": record["id"]}
    key = new_key()
    updated = await stores.effects.update_records(key, "public.orders", {"total": 1}, where)
    assert updated == {"updated": 1}


@pytest.mark.parametrize(
    "where",
    [
        None,
        {},
        [],
        {"all": [{"all": []}]},
        {"not": {"any": []}},
        {"any": [{"all": []}, {"field": "total", "operator": "equals", "value": 1}]},
    ],
)
async def test_an_update_of_every_row_must_be_meant(stores, where) -> None:
    await create(stores)
    key = new_key()
    with pytest.raises(InvalidInputError, match="every row"):
        await stores.effects.update_records(key, "public.orders", {"total": 1}, where)


@pytest.mark.parametrize("operator", ["contains", "not_contains", "starts_with", "ends_with"])
@pytest.mark.parametrize("field", ["customer", "notes", "tags"])
async def test_a_part_that_is_empty_selects_nothing(stores, operator, field) -> None:
    await create(stores, customer="a", notes="b", tags=["c"])
    where = {"any": [{"field": field, "operator": operator, "value": ""}]}
    message = rf'^\$\.where\.any\[0\]\.value: {operator} with "" would select every row'
    with pytest.raises(ConditionError, match=message):
        await stores.effects.update_records(new_key(), "public.orders", {"total": 1}, where)


@pytest.mark.parametrize(
    ("table", "values", "where", "message"),
    [
        (
            "public.secrets",
            {},
            None,
            "table 'public.secrets' is not declared; declared: public.missing, public.narrow, "
            r"public.orders \(ichor-worker: DECLARED_TABLES\)",
        ),
        ("orders", {}, None, "table 'orders' is not declared"),
        ("public.orders", {"secret": 1}, None, "no declared column 'secret'"),
        ("public.orders", {"id": str(UUID(int=1))}, None, "no declared column 'id'"),
        ("public.orders", {'total" = 1; --': 1}, None, "no declared column"),
        ("public.orders", {"notes": ["\0"]}, None, "NUL"),
        (
            "public.orders",
            {"total": 1},
            {"field": "secret", "operator": "is_null"},
            "no declared column 'secret'",
        ),
        ("public.orders", {"total": 1}, {"field": "total"}, "unknown operator"),
        ("public.orders", {}, {"field": "total", "operator": "is_null"}, "no changes are given"),
        (
            "public.orders",
            {"total": 1},
            {"field": "customer", "operator": "equals", "value": "\0"},
            "NUL",
        ),
    ],
)
async def test_what_is_not_declared_is_refused(stores, table, values, where, message) -> None:
    await create(stores, customer="a", total=1)
    if where is None:
        call = stores.effects.create_record(new_key(), table, values)
    else:
        call = stores.effects.update_records(new_key(), table, values, where)
    with pytest.raises(InvalidInputError, match=message):
        await call


async def test_a_comparison_that_makes_no_sense_changes_nothing(stores) -> None:
    await create(stores, customer="a", total=1, notes={"a": 1})
    effects = stores.effects
    for where in (
        {"field": "total", "operator": "greater_than", "value": "a"},
        {"field": "notes.a", "operator": "contains", "value": "a"},
    ):
        with pytest.raises(ConditionError, match=r"'total'|'notes\.a'"):
            await effects.update_records(new_key(), "public.orders", {"total": 2}, where)
    unchanged = {"field": "total", "operator": "equals", "value": 1}
    key = new_key()
    updated = await effects.update_records(key, "public.orders", {"total": 2}, unchanged)
    assert updated == {"updated": 1}


@in_database
@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            {"customer": "b", "total": "many"},
            r"public\.orders\.total: expected a number \(numeric\), not",
        ),
        ({"total": True}, r"public\.orders\.total: expected a number \(numeric\), not"),
        ({"total": {"a": 1}}, "total: expected a value of type numeric"),
        ({"tags": "a"}, r"tags: expected a list, a value of type text\[\]"),
        ({"state": "far too long"}, "state: expected at most 10 characters, not 12"),
        ({"state": "impossible"}, "violates check constraint"),
        ({"customer": "taken"}, r"orders\.customer: duplicate: .*unique constraint.*taken"),
    ],
)
async def test_what_the_table_refuses_is_explained(stores, values, message) -> None:
    await create(stores, customer="taken")
    with pytest.raises(InvalidInputError, match=message):
        await create(stores, **values)
    key = new_key()
    where = {"field": "customer", "operator": "is_null"}
    await create(stores)
    with pytest.raises(InvalidInputError, match=message):
        await stores.effects.update_records(key, "public.orders", values, where)
    # Refused means: not done, and free to be done right.
    done = await stores.effects.update_records(key, "public.orders", {"total": 1}, where)
    assert done == {"updated": 1}


@in_database
async def test_a_declaration_that_the_database_does_not_fulfil_is_explained(stores) -> None:
    for table, message in (("public.missing", "id, a"), ("public.narrow", "gone")):
        with pytest.raises(InvalidInputError, match=f"not in the database: {message}"):
            await stores.effects.create_record(new_key(), table, {"a": 1})


@in_database
async def test_numbers_become_what_the_column_holds(stores, pool) -> None:
    await pool.execute("ALTER TABLE orders ALTER total TYPE int")
    assert (await create(stores, total=5.0))["total"] == 5
    for total in (5.5, 2**40, "5.0"):
        with pytest.raises(InvalidInputError, match=r"public\.orders\.total"):
            await create(stores, total=total)


@in_database
async def test_nothing_is_cut_in_silence(stores, pool) -> None:
    await pool.execute("ALTER TABLE orders ALTER total TYPE bit(3) USING NULL")
    assert (await create(stores, total="101"))["total"] == "101"
    with pytest.raises(InvalidInputError, match=r"orders\.total: .*length mismatch"):
        await create(stores, total="101010")


async def test_an_alert_is_stored(stores, accept_event) -> None:
    accepted = await accept_event()
    key = EffectKey(accepted.executions[0].execution_id, str(uuid4()))
    alert = {"title": "low stock", "severity": "critical", "recipients": ["a@example.com"]}
    result = await stores.effects.create_alert(key, alert)
    assert str(UUID(result["alert_id"])) == result["alert_id"]
    assert await stores.effects.create_alert(key, alert) == result


@in_database
async def test_an_alert_names_its_execution_and_rule(stores, accept_event, pool) -> None:
    accepted = await accept_event()
    execution = accepted.executions[0]
    key = EffectKey(execution.execution_id, str(uuid4()))
    details = {"n": 2**70}
    await stores.effects.create_alert(
        key, {"title": "t", "message": "m", "recipients": ["a"], "details": details}
    )
    row = dict(await pool.fetchrow("SELECT * FROM workflow.alerts"))
    assert (row["execution_id"], row["rule_id"]) == (execution.execution_id, execution.rule_id)
    assert (row["title"], row["message"], row["severity"]) == ("t", "m", "info")
    assert (row["recipients"], row["details"], row["effect_key"]) == (["a"], details, str(key))


@pytest.mark.parametrize(
    "alert", [{}, {"title": ""}, {"title": 1}, {"title": "a", "recipients": "b"}, {"title": "\0"}]
)
async def test_an_alert_that_is_none_is_refused(stores, alert) -> None:
    with pytest.raises(InvalidInputError):
        await stores.effects.create_alert(new_key(), alert)


async def test_an_effect_happens_once_for_its_key(stores) -> None:
    key = new_key()
    effects = stores.effects
    first = await effects.create_record(key, "public.orders", {"customer": "a"})
    assert await effects.create_record(key, "public.orders", {"customer": "a"}) == first
    count = {"field": "customer", "operator": "equals", "value": "a"}
    key = new_key()
    for _ in range(2):
        updated = await effects.update_records(key, "public.orders", {"customer": "b"}, count)
        assert updated == {"updated": 1}
    other_visit = EffectKey(key.execution_id, key.action_id, 1)
    again = await effects.update_records(other_visit, "public.orders", {"customer": "c"}, count)
    assert again == {"updated": 0}


async def test_attempts_at_the_same_time_are_one_effect(stores) -> None:
    key = new_key()
    results = await asyncio.gather(
        *(stores.effects.create_record(key, "public.orders", {"total": 1}) for _ in range(10))
    )
    assert all(result == results[0] for result in results)
    key = new_key()
    updated = await stores.effects.update_records(
        key, "public.orders", {"total": 2}, {"field": "total", "operator": "is_not_null"}
    )
    assert updated == {"updated": 1}


@in_database
async def test_an_attempt_that_fails_lets_the_next_one_do_it(stores, pool) -> None:
    key = new_key()
    for _ in range(2):
        with pytest.raises(InvalidInputError):
            await stores.effects.create_record(key, "public.orders", {"state": "impossible"})
    assert await pool.fetchval("SELECT count(*) FROM workflow.effects") == 0
    await stores.effects.create_record(key, "public.orders", {"state": "fine"})
    assert await pool.fetchval("SELECT array_agg(state) FROM orders") == ["fine"]


@in_database
async def test_a_killed_backend_loses_and_doubles_nothing(stores, pool) -> None:
    """Three attempts at once, the first is killed after its effect, before its commit."""
    key = new_key()
    working, killed = asyncio.Event(), asyncio.Event()
    backends: list[int] = []

    async def effect(connection: asyncpg.Connection) -> dict[str, int]:
        await connection.execute("INSERT INTO orders (customer) VALUES ('once')")
        backends.append(connection.get_server_pid())
        if len(backends) == 1:
            working.set()
            await killed.wait()
        return {"attempt": len(backends)}

    first = asyncio.create_task(run_once(pool, key, effect))
    await working.wait()
    others = [asyncio.create_task(run_once(pool, key, effect)) for _ in range(2)]
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    while await pool.fetchval(waiting) < 2:
        await asyncio.sleep(0)
    await pool.execute("SELECT pg_terminate_backend($1)", backends[0])
    killed.set()
    with pytest.raises(TRANSIENT_ERRORS):
        await first
    assert await asyncio.gather(*others) == [{"attempt": 2}, {"attempt": 2}]
    assert await run_once(pool, key, effect) == {"attempt": 2}
    assert await pool.fetchval("SELECT count(*) FROM orders") == 1
