"""Tables whose columns change while a store knows them."""

import asyncio
from uuid import uuid4

import pytest

from ichor_core.contract import EffectKey
from ichor_core.errors import InvalidInputError
from ichor_edgestore.effects import DeclaredTable, PostgresEffectStore

pytestmark = pytest.mark.servers

TABLE = "public.changing"
TABLES = {TABLE: DeclaredTable(("word", "data", "size", "hue"), "n")}
CREATE = """
    CREATE TYPE colour AS ENUM ('red');
    CREATE TABLE changing (
        n serial PRIMARY KEY, word varchar(3), data jsonb, size int, hue colour, other int
    )"""


@pytest.fixture
async def store(pool) -> PostgresEffectStore:
    await pool.execute(CREATE)
    store = PostgresEffectStore(pool, TABLES)
    values = {"word": "a", "data": "a", "size": 1, "hue": "red"}
    where = {"field": "size", "operator": "equals", "value": 1}
    for _ in range(2):
        await store.create_record(new_key(), TABLE, values)
        await store.update_records(new_key(), TABLE, values, where)
    return store


def new_key() -> EffectKey:
    return EffectKey(str(uuid4()), str(uuid4()))


@pytest.mark.parametrize(
    ("change", "values", "stored"),
    [
        ("ALTER word TYPE varchar(10)", {"word": "longer"}, "longer"),
        ("ALTER word TYPE text", {"word": "much longer"}, "much longer"),
        ("ALTER data TYPE text", {"data": "plain"}, "plain"),
        ("ALTER word TYPE jsonb USING NULL", {"word": "plain"}, "plain"),
        ("ALTER size TYPE text", {"size": "five"}, "five"),
        ("ALTER size TYPE numeric", {"size": 1.5}, 1.5),
        ("ALTER size TYPE int[] USING NULL", {"size": [1]}, [1]),
        ("DROP size, ADD size date", {"size": "2026-03-01"}, "2026-03-01"),
        ("DROP word, ADD word text", {"word": "longer"}, "longer"),
        ("DROP other", {"word": "b"}, "b"),
    ],
)
async def test_a_changed_column_is_noticed_at_the_first_write(
    store, pool, change, values, stored
) -> None:
    await pool.execute(f"ALTER TABLE changing {change}")
    ((column, value),) = values.items()
    made = await store.create_record(new_key(), TABLE, values)
    assert made["record"][column] == pytest.approx(stored)
    where = {"field": column, "operator": "is_not_null"}
    await pool.execute("DELETE FROM changing WHERE n < 3")
    done = await store.update_records(new_key(), TABLE, {column: value}, where)
    assert done == {"updated": 1}
    assert await pool.fetchval("SELECT count(*) FROM changing") == 1


async def test_a_column_that_is_gone_is_named_and_back_again_is_used(store, pool) -> None:
    await pool.execute("ALTER TABLE changing RENAME size TO length")
    for _ in range(2):
        with pytest.raises(InvalidInputError, match=r"changing: .*not in the database: size$"):
            await store.create_record(new_key(), TABLE, {"word": "a"})
    await pool.execute("ALTER TABLE changing RENAME length TO size")
    assert (await store.create_record(new_key(), TABLE, {"size": 2}))["record"]["size"] == 2
    await pool.execute("DROP TABLE changing")
    with pytest.raises(InvalidInputError, match="not in the database: n, word, data, size, hue"):
        await store.create_record(new_key(), TABLE, {"word": "a"})


async def test_a_type_that_is_renamed_or_extended_is_noticed(store, pool) -> None:
    await pool.execute("ALTER TYPE colour ADD VALUE 'green'")
    await store.create_record(new_key(), TABLE, {"hue": "green"})
    await pool.execute("ALTER TYPE colour RENAME TO paint")
    where = {"field": "hue", "operator": "equals", "value": "green"}
    done = await store.update_records(new_key(), TABLE, {"hue": "red"}, where)
    assert done == {"updated": 1}


async def test_a_table_that_changes_between_reading_and_writing_stores_nothing_wrong(
    store, pool
) -> None:
    async with pool.acquire() as changer:
        transaction = changer.transaction()
        await transaction.start()
        await changer.execute("ALTER TABLE changing ALTER data TYPE text")
        writing = asyncio.create_task(store.create_record(new_key(), TABLE, {"data": "plain"}))
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        while await pool.fetchval(waiting) < 1:
            await asyncio.sleep(0)
        await transaction.commit()
    assert (await writing)["record"]["data"] == "plain"
    assert await pool.fetchval("SELECT count(*) FROM changing WHERE data = 'plain'") == 1


async def test_names_that_postgresql_would_cut_are_refused(pool) -> None:
    schema, name = "s" * 60, "t" * 60
    await pool.execute(f'CREATE SCHEMA "{schema}"; CREATE TABLE "{schema}"."{name}" (n int)')
    tables = {
        f"{schema}.{name}": DeclaredTable((), "n"),
        f"public.{'é' * 32}": DeclaredTable((), "n"),
    }
    store = PostgresEffectStore(pool, tables)
    made = await store.create_record(new_key(), f"{schema}.{name}", {})
    assert made["record"] == {"n": None}
    with pytest.raises(InvalidInputError, match="more than 63 bytes"):
        await store.create_record(new_key(), f"public.{'é' * 32}", {})
