import re
from decimal import Decimal

import asyncpg
import pytest

from ichor_core import exact_json
from ichor_core.errors import ConditionError, InvalidInputError
from ichor_core.expressions import (
    OPERATORS,
    WITHOUT_VALUE,
    condition_holds,
    is_number,
    lookup_in,
    parse_condition,
)
from ichor_edgestore.database.parameters import Parameters
from ichor_edgestore.effects.columns import read_columns
from ichor_edgestore.effects.condition_sql import REFUSED_STATE, ROW, compile_condition
from ichor_edgestore.effects.scalars import text_of_number

pytestmark = pytest.mark.servers

CREATE = """
    CREATE TYPE colour AS ENUM ('red', 'green');
    CREATE TYPE place AS (city text, number int);
    CREATE DOMAIN positive AS int CHECK (VALUE > 0);
    CREATE TABLE awkward (
        n serial PRIMARY KEY, small smallint, whole bigint, exact numeric, approximate float8,
        single real, flag boolean, word text, short varchar(10), padded char(4), key uuid, day date,
        moment timestamptz, hue colour, address place, positive positive, tags text[],
        numbers int[], data jsonb, plain json, "dotted.name" text, "we""ird" text
    );
    INSERT INTO awkward (small, whole, exact, approximate, single, flag, word, short, padded, key,
        day, moment, hue, address, positive, tags, numbers, data, plain, "dotted.name", "we""ird")
    VALUES
        (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
         NULL, NULL, NULL, NULL, NULL, NULL),
        (0, 0, 0.0, -0.0, 0, false, '', '', '', '00000000-0000-0000-0000-000000000000',
         '0001-01-01', '1970-01-01', 'red', ('', 0), 1, '{}', '{}', 'null', 'null', '', ''),
        (1, 9007199254740993, 1.10, 0.1, 0.1, true, 'a', 'ab', 'a',
         'ab000000-0000-4000-8000-0000000000cd', '2026-02-28', '2026-02-28T12:00:00.5Z', 'green',
         ('a', 1), 5, '{a,NULL,b}', '{1,2}', '{"a": {"b": [1, {"c": "x"}]}, "0": "zero"}',
         '{"a": 1, "a": 2}', 'a', 'a'),
        (-5, -9223372036854775808, 123456789012345678901234567890.5, 1e300, 1e30, true, 'Ab%_\\é',
         '日本', 'abcd', 'ffffffff-ffff-ffff-ffff-ffffffffffff', '9999-12-31', '2026-03-01', 'red',
         ('b', NULL), 7, '{"",a}', '{1,NULL}', '[1, "a", null, true, 1.0, {"b": []}]', '"a"', 'Z',
         'z'),
        (5, 5, 5, 5, 5, false, '\U0001d538', 'true', '5', 'ab000000-0000-4000-8000-0000000000ce',
         '2026-02-28', '2026-02-28T12:00:00Z', 'green', (NULL, 5), 5, '{5}', '{5}',
         '{"a": 5, "c": null, "d": [], "e": ""}', '5', 'null', '5'),
        (6, 6, 6.5, 6.5, 6.25, true, '!', '6.5', '6', 'ab000000-0000-4000-8000-0000000000cf',
         '2026-02-27', '2026-02-28T12:00:00Z', 'green', ('6', 6), 6, '{a,a}', '{6}', '"a"', '[]',
         'a', ''),
        (7, 7, 7, 7, 7, true, 'a ', 'a', 'a', 'ab000000-0000-4000-8000-0000000000ca',
         '2026-02-26', '2026-02-28T12:00:00Z', 'green', ('a', 7), 7, '{a}', '{7}', '5.0', '{}',
         'A', 'a'),
        (8, 8, 8, 8, 8, false, 'true', 'a', 'a', 'ab000000-0000-4000-8000-0000000000cb',
         '2026-02-26', '2026-02-28T12:00:00Z', 'green', ('a', 7), 7, '{a}', '{7}', 'true', '""',
         'A', 'a')
"""
FIELDS = [
    *("small", "whole", "exact", "approximate", "single", "flag", "word", "short", "padded"),
    *("key", "day", "moment", "hue", "address", "positive", "tags", "numbers", "data", "plain"),
    *("dotted.name", 'we"ird', "word.part", "data.a", "data.a.b", "data.a.b.0", "data.a.b.1.c"),
    *("data.0", "data.-1", "data.c", "data.5.b", "data.99999999999", "address.city", "tags.0"),
]
VALUES = [
    *(None, True, False, 0, -0.0, 1, 5, 5.0, -5, 0.1, 6.5, Decimal("1.10"), 1e300),
    *(9007199254740993, 9007199254740992.0, -(2**63), 2**63, 2**70),
    Decimal("123456789012345678901234567890.5"),
    *(
        "",
        "a",
        "A",
        "a ",
        "b",
        "5",
        "Ab%_\\é",
        "%",
        "日本",
        "\U0001d538",
        "\uffee",
        "true",
        "red",
        "null",
    ),
    *("ab000000-0000-4000-8000-0000000000cd", "AB000000-0000-4000-8000-0000000000CD"),
    *("2026-02-28", "2026-02-28T12:00:00+00:00", "2026-02-28T12:00:00Z"),
    *([], [1], [1, 2], ["a", None, "b"], {}, {"a": 1}, {"b": []}, {"city": "a", "number": 1}),
]
NUMBERS = ("small", "whole", "exact", "approximate", "single", "positive")
TEXTS = ("word", "short", "dotted.name", 'we"ird')
AS_THEIR_TYPE = ("padded", "key", "day", "moment", "hue")
ON_TEXT = ("contains", "not_contains", "starts_with", "ends_with")


def read_as(field: str, operator: str, value: object) -> object:
    """Return a value as the type of a column, as the evaluator is to see it."""
    if operator in ON_TEXT or value is None:
        return value
    if operator in ("in", "not_in", "between"):
        single = "equals" if operator != "between" else "less_than"
        return [read_as(field, single, item) for item in value]
    if field in NUMBERS and not is_number(value):
        if not isinstance(value, str) or not re.fullmatch(r"-?[0-9.]+", value):
            raise ConditionError("no number")
        return Decimal(value)
    if field == "flag" and operator in ("equals", "not_equals"):
        if not isinstance(value, bool) and value != "true":
            raise ConditionError("no boolean")
        return value is True or value == "true"
    if field in TEXTS and operator in ("equals", "not_equals"):
        if isinstance(value, list | dict):
            raise ConditionError("no text")
        if isinstance(value, bool):
            return "true" if value else "false"
        return value if isinstance(value, str) else text_of_number(value)
    return value


class Rows:
    """The awkward table, seen by the database and by the evaluator."""

    def __init__(self, pool: asyncpg.Pool, columns: dict, rows: dict[int, dict]) -> None:
        self.pool = pool
        self.columns = columns
        self.rows = rows

    async def in_database(self, condition: object) -> set[int] | str:
        parameters = Parameters()
        try:
            sql = compile_condition(parse_condition(condition), self.columns, parameters)
            query = f"SELECT n FROM awkward AS {ROW} WHERE {sql}"
            return {row["n"] for row in await self.pool.fetch(query, *parameters.values)}
        except ConditionError:
            return "refused"
        except asyncpg.PostgresError as error:
            return "refused" if error.sqlstate == REFUSED_STATE else str(error)

    def in_memory(self, condition: object) -> set[int] | str:
        parsed = parse_condition(condition)
        try:
            return {n for n, row in self.rows.items() if condition_holds(parsed, lookup_in(row))}
        except ConditionError:
            return "refused"


@pytest.fixture(scope="module")
async def rows(postgres_server, database_template):
    from ichor_edgestore.database.pool import open_pool

    dsn = await postgres_server.create_database(template=database_template)
    pool = await open_pool(dsn)
    await pool.execute(CREATE)
    async with pool.acquire() as connection:
        columns = await read_columns(connection, "public.awkward")
    found = await pool.fetch("SELECT n, to_jsonb(awkward)::text AS row FROM awkward")
    yield Rows(pool, columns, {row["n"]: exact_json.decode(row["row"]) for row in found})
    await pool.close()
    await postgres_server.drop_database(dsn)


@pytest.mark.parametrize("operator", OPERATORS)
async def test_every_comparison_selects_the_rows_that_the_evaluator_selects(
    rows: Rows, operator: str
) -> None:
    values = [None] if operator in WITHOUT_VALUE else VALUES
    if operator in ("in", "not_in"):
        values = [[], [None], VALUES, ["a", 5], [5, "x", True], [None, 5, "6.5"], ["true", None]]
    if operator == "between":
        values = [[0, 5], [5, 0], ["a", "b"], ["", "ab"], [None, 5], [-1e300, 2**70], [0, "a"]]
    kinds = set()
    for field in FIELDS:
        as_text = (*WITHOUT_VALUE, *ON_TEXT)
        if field in AS_THEIR_TYPE and (field in ("padded", "key") or operator not in as_text):
            continue  # see test_column_types.py
        for value in values:
            condition = {"field": field, "operator": operator}
            if operator not in WITHOUT_VALUE:
                condition["value"] = value
            try:
                as_typed = read_as(field, operator, value)
                expected = rows.in_memory(
                    condition | ({"value": as_typed} if "value" in condition else {})
                )
            except ConditionError:
                expected = "refused"
            assert await rows.in_database(condition) == expected, condition
            kinds.add(type(expected))
    assert set in kinds


IS_FIVE = {"field": "whole", "operator": "equals", "value": 5}
IS_TEXT = {"field": "data", "operator": "starts_with", "value": "a"}
OVER_FOUR = {"field": "data.a", "operator": "greater_than", "value": 4}
NO_NULL = {"field": "word", "operator": "is_not_null"}


@pytest.mark.parametrize(
    "condition",
    [
        {"all": []},
        {"any": []},
        {"not": {"any": []}},
        {"all": [NO_NULL, {"not": IS_FIVE}]},
        {"any": [IS_FIVE, {"field": "word", "operator": "equals", "value": None}]},
        {"not": {"all": [IS_FIVE, NO_NULL]}},
        {"not": {"any": [{"not": NO_NULL}, {"not": IS_FIVE}]}},
        # Lazy, in order: the second member would be refused for rows that the first one decides.
        {"all": [IS_FIVE, OVER_FOUR]},
        {"all": [OVER_FOUR, IS_FIVE]},
        {"any": [{"not": IS_FIVE}, OVER_FOUR]},
        {"all": [IS_FIVE, {"any": [{"field": "flag", "operator": "is_null"}, OVER_FOUR]}]},
        {"not": {"all": [IS_FIVE, OVER_FOUR]}},
        {"all": [{"field": "n", "operator": "equals", "value": 6}, IS_TEXT]},
    ],
)
async def test_groups_select_the_rows_that_the_evaluator_selects(
    rows: Rows, condition: object
) -> None:
    assert await rows.in_database(condition) == rows.in_memory(condition)


async def test_a_refusal_of_the_database_says_what_cannot_be_compared(rows: Rows) -> None:
    parameters = Parameters()
    sql = compile_condition(parse_condition(OVER_FOUR), rows.columns, parameters)
    query = f"SELECT n FROM awkward AS {ROW} WHERE {sql}"
    with pytest.raises(asyncpg.PostgresError, match=r"greater_than cannot compare field 'data.a'"):
        await rows.pool.fetch(query, *parameters.values)


async def test_plain_comparisons_use_indexes(rows: Rows) -> None:
    condition = parse_condition(
        {"all": [{"field": "n", "operator": "equals", "value": 5}, OVER_FOUR]}
    )
    parameters = Parameters()
    sql = compile_condition(condition, rows.columns, parameters)
    async with rows.pool.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL enable_seqscan = off")
        query = f"EXPLAIN SELECT n FROM awkward AS {ROW} WHERE {sql}"
        plan = await connection.fetch(query, *parameters.values)
    assert any("Index Cond" in row[0] for row in plan), plan


async def test_unknown_columns_and_too_many_values_are_refused(rows: Rows) -> None:
    with pytest.raises(InvalidInputError, match="no column 'nothing'"):
        compile_condition(
            parse_condition({"field": "nothing", "operator": "is_null"}), rows.columns, Parameters()
        )
    many = {"field": "word", "operator": "in", "value": ["a"] * 40_000}
    with pytest.raises(InvalidInputError, match="more than 32767 values"):
        compile_condition(parse_condition(many), rows.columns, Parameters())
