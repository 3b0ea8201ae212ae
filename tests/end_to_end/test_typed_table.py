"""The demo's table with a column of each common type: declared as it is, and written by actions."""

from collections.abc import AsyncIterator

import asyncpg
import pytest
from demo.tables import DECLARED_TABLES, create_tables

from ichor_core import exact_json
from ichor_core.contract import EffectKey
from ichor_edgestore.database import open_pool
from ichor_edgestore.effects import DeclaredTable, PostgresEffectStore
from ichor_edgestore.migrations import migrate

pytestmark = pytest.mark.servers

TABLE = "public.samples"
TYPES = {
    "name": "text",
    "whole": "integer",
    "big": "bigint",
    "price": "numeric(10,2)",
    "ratio": "real",
    "truth": "boolean",
    "note": "text",
    "short": "character varying(40)",
    "code": "character(5)",
    "uid": "uuid",
    "day": "date",
    "at": "time without time zone",
    "local_time": "timestamp without time zone",
    "moment": "timestamp with time zone",
    "span": "interval",
    "document": "jsonb",
    "tags": "text[]",
    "numbers": "integer[]",
    "mood": "mood",
    "positive": "positive_integer",
}
VALUES = {
    "name": "written",
    "whole": -7,
    "big": 9007199254740993,
    "price": 19.9,
    "ratio": 0.25,
    "truth": False,
    "note": "a note",
    "short": "short",
    "code": "AB",
    "uid": "6f1c1c9a-52f1-4f0e-8a35-1d4c3c5c8d11",
    "day": "2026-03-01",
    "at": "12:30:00",
    "local_time": "2026-03-01T12:30:00",
    "moment": "2026-03-01T12:30:00+04:00",
    "span": "P1DT2H",
    "document": {"a": [1, 2.5, None]},
    "tags": ["x", "y"],
    "numbers": [1, 2, 3],
    "mood": "happy",
    "positive": 3,
}


@pytest.fixture
async def pool(postgres_server) -> AsyncIterator[asyncpg.Pool]:
    dsn = await postgres_server.create_database()
    await migrate(dsn)
    await create_tables(dsn)
    await create_tables(dsn)  # as a start with data that were kept does
    async with await open_pool(dsn) as pool:
        yield pool
    await postgres_server.drop_database(dsn)


async def test_every_column_is_declared_and_of_its_type(pool: asyncpg.Pool):
    rows = await pool.fetch(
        "SELECT attname, format_type(atttypid, atttypmod) AS type FROM pg_attribute "
        "WHERE attrelid = $1::text::regclass AND attnum > 0 AND attname <> 'id' ORDER BY attnum",
        TABLE,
    )
    assert {row["attname"]: row["type"] for row in rows} == TYPES
    assert DECLARED_TABLES[TABLE] == {"key": "id", "columns": list(TYPES)}


async def test_there_is_a_full_and_an_empty_sample(pool: asyncpg.Pool):
    full, empty = await pool.fetch("SELECT * FROM public.samples ORDER BY id")
    assert None not in full.values()
    assert [name for name, value in empty.items() if value is not None] == ["id", "name"]


async def test_actions_can_write_each_of_them(pool: asyncpg.Pool):
    tables = exact_json.decode(exact_json.encode(DECLARED_TABLES), dict[str, DeclaredTable])
    store = PostgresEffectStore(pool, tables)
    execution = "00000000-0000-4000-8000-000000000001"
    key = EffectKey(execution, "00000000-0000-4000-8000-000000000002", 0)
    written = await store.create_record(key, TABLE, dict(VALUES))
    row = await pool.fetchrow(
        "SELECT to_jsonb(s) AS row FROM public.samples s WHERE id = $1", written["record"]["id"]
    )
    assert row is not None
    found = row["row"]
    assert found["moment"] == "2026-03-01T08:30:00+00:00"
    assert found["code"] == "AB   "
    assert found["span"] == "1 day 02:00:00"
    same = VALUES.keys() - {"moment", "code", "span", "price"}
    assert {name: found[name] for name in same} == {name: VALUES[name] for name in same}
    assert float(found["price"]) == VALUES["price"]
