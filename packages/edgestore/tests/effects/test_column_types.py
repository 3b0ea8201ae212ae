"""Columns of every common type: what is written to them, and what they compare with."""

from decimal import Decimal
from uuid import uuid4

import pytest

from ichor_core.contract import EffectKey
from ichor_core.errors import ConditionError, InvalidInputError
from ichor_edgestore.effects import DeclaredTable, PostgresEffectStore

pytestmark = pytest.mark.servers

TABLE = "public.typed"
CREATE = """
    CREATE TYPE colour AS ENUM ('red', 'green');
    CREATE DOMAIN whole AS int CHECK (VALUE > 0);
    CREATE DOMAIN positive AS whole;
    CREATE TABLE typed (
        n int PRIMARY KEY, big bigint, exact numeric(10, 2), approximate float8, flag boolean,
        word text, padded char(5), key uuid, day date, at time, at_tz timetz, moment timestamptz,
        wall timestamp, lasting interval, hue colour, positive positive, address inet,
        during int4range, seen tstzrange, bits bit(3), place point, data jsonb,
        jsons jsonb[], numbers int[], days date[], short varchar(3)[], kinds positive[]
    );
    INSERT INTO typed VALUES (
        4, 40, 1.50, 0.1, true, '17', 'ab', 'ab000000-0000-4000-8000-0000000000cd', '2026-03-01',
        '14:30', '14:30+02', '2026-03-01T10:00:00Z', '2026-03-01T10:00:00', '1 day 02:00', 'red',
        5, '10.0.0.1', '[1,5)', NULL, '101', '(1,2)', '{"at": "2026-03-01T10:00:00Z"}'
    );
    INSERT INTO typed VALUES (5)"""
COLUMNS = (
    *("big", "exact", "approximate", "flag", "word", "padded", "key", "day", "at", "at_tz"),
    *("moment", "wall", "lasting", "hue", "positive", "address", "during", "seen", "bits"),
    *("place", "data", "jsons", "numbers", "days", "short", "kinds"),
)


@pytest.fixture(scope="module")
async def typed(postgres_server, database_template):
    from ichor_edgestore.database.pool import open_pool

    dsn = await postgres_server.create_database(template=database_template)
    pool = await open_pool(dsn)
    await pool.execute(CREATE)
    yield PostgresEffectStore(pool, {TABLE: DeclaredTable(COLUMNS, "n")}), pool
    await pool.close()
    await postgres_server.drop_database(dsn)


def new_key() -> EffectKey:
    return EffectKey(str(uuid4()), str(uuid4()))


async def selected(typed, field: str, operator: str, value: object) -> int:
    where = {"field": field, "operator": operator, "value": value}
    return (await typed[0].update_records(new_key(), TABLE, {"bits": "101"}, where))["updated"]


@pytest.mark.parametrize(
    ("field", "operator", "value", "expected"),
    [
        ("n", "equals", "4", 1),
        ("n", "not_equals", "4", 1),
        ("n", "in", ["4", 5], 2),
        ("n", "greater_than", "4", 1),
        ("n", "equals", "4.5", 0),
        ("n", "equals", "99999999999999999999", 0),
        ("n", "less_than", Decimal("1e999"), 2),
        ("exact", "less_than", Decimal("1e999"), 1),
        ("big", "equals", "40", 1),
        ("big", "equals", 40.0, 1),
        ("exact", "equals", "1.5", 1),
        ("exact", "between", ["1", 2], 1),
        ("approximate", "equals", "0.1", 1),
        ("flag", "equals", "true", 1),
        ("word", "equals", 17, 1),
        ("padded", "equals", "ab", 1),
        ("padded", "equals", "ab   ", 1),
        ("padded", "ends_with", "b", 1),
        ("padded", "less_than", "ac", 1),
        ("key", "equals", "AB000000-0000-4000-8000-0000000000CD", 1),
        ("key", "starts_with", "AB0", 1),
        ("day", "equals", "2026-03-01", 1),
        ("day", "less_than", "2026-02-28", 0),
        ("day", "starts_with", "2026-03", 1),
        ("at", "equals", "14:30:00", 1),
        ("at", "less_than_or_equal", "14:30", 1),
        ("at_tz", "less_than", "13:00:00Z", 1),
        ("moment", "equals", "2026-03-01T10:00:00Z", 1),
        ("moment", "equals", "2026-03-01T10:00:00+00:00", 1),
        ("moment", "equals", "2026-03-01T14:00:00+04:00", 1),
        ("moment", "less_than", "2026-03-01T12:00:00+04:00", 0),
        ("moment", "greater_than", "2026-03-01", 1),
        ("wall", "equals", "2026-03-01T14:00:00+04:00", 1),
        ("wall", "equals", "2026-03-01T10:00:00", 1),
        ("lasting", "equals", "PT26H", 1),
        ("lasting", "greater_than", "1 day", 1),
        ("hue", "equals", "red", 1),
        ("hue", "less_than", "green", 1),
        ("positive", "equals", "5", 1),
        ("address", "equals", "10.0.0.1", 1),
        ("during", "equals", "[1,4]", 1),
        ("bits", "equals", "101", 1),
        ("place", "equals", "(1.0, 2)", 1),
        ("data.at", "equals", "2026-03-01T10:00:00Z", 1),
        ("data.at", "equals", "2026-03-01T10:00:00+00:00", 0),
    ],
)
async def test_a_value_is_read_as_the_type_of_the_column(
    typed, field, operator, value, expected
) -> None:
    await typed[1].execute("UPDATE typed SET bits = '101' WHERE n = 4")
    await typed[1].execute("UPDATE typed SET bits = NULL WHERE n = 5")
    assert await selected(typed, field, operator, value) == expected


@pytest.mark.parametrize("operator", ["equals", "not_equals"])
@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("n", "four", r"'n': expected a number .*not \"four\""),
        ("n", True, r"'n': expected a number .*not true"),
        ("n", [4], "'n': expected a value of type integer, not"),
        ("n", "1e999999", "'n': expected a number"),
        ("moment", "2026-03-01T10:00.5Z", "'moment': expected a time such as"),
        ("moment", "2026-03-01T10:00:00+99:00", "'moment': expected a time such as"),
        ("flag", 1, "'flag': expected true or false"),
        ("word", {}, "'word': expected a value of type text"),
        ("key", "ab", "'key': expected a UUID"),
        ("day", "01.03.2026", "'day': expected a date without a time such as 2026-03-01"),
        ("day", "2026-02-30", "'day': expected a date"),
        ("day", "2026-03-01T10:00:00Z", "'day': expected a date without a time"),
        ("day", "today", "'day': expected a date"),
        ("at", "14:30:00Z", "'at': expected a time without an offset"),
        ("at", "25:00", "'at': expected a time"),
        ("at", "now", "'at': expected a time"),
        ("moment", "now", "'moment': expected a time such as"),
        ("moment", "infinity", "'moment': expected a time such as"),
        ("moment", "2026-03-01T25:00:00Z", "'moment': expected a time such as"),
        ("moment", 5, "'moment': expected a time such as"),
        ("wall", "epoch", "'wall': expected a time such as"),
        ("lasting", "soon", "'lasting': expected a duration such as PT1H30M"),
        ("hue", "blue", "'hue' cannot be compared: 'blue' is no value of type colour"),
        ("address", "here", "'address' cannot be compared: 'here' is no value of type inet"),
        ("during", "1-5", "'during' cannot be compared: '1-5' is no value of type int4range"),
        ("seen", "[now,)", "'seen': expected a range with written bounds"),
    ],
)
async def test_what_cannot_be_read_as_the_type_is_an_error(
    typed, field, operator, value, message
) -> None:
    with pytest.raises(ConditionError, match=message):
        await selected(typed, field, operator, value)
    with pytest.raises(ConditionError, match=message):
        await selected(typed, field, "in" if operator == "equals" else "not_in", [None, value])


async def test_types_without_an_order_have_none(typed) -> None:
    for field, value in (("place", "(1,2)"), ("flag", True)):
        with pytest.raises(ConditionError, match=f"'{field}'"):
            await selected(typed, field, "less_than", value)


@pytest.mark.parametrize(
    ("column", "value", "stored"),
    [
        ("jsons", [{"a": [1]}, "b", 1.0, [1, [2]], None], [{"a": [1]}, "b", 1, [1, [2]], None]),
        ("numbers", [1.0, "2", None], [1, 2, None]),
        ("numbers", [[1, 2], [3, None]], [[1, 2], [3, None]]),
        ("numbers", [], []),
        ("days", ["2026-03-01"], ["2026-03-01"]),
        ("short", ['a"b', "\\", ""], ['a"b', "\\", ""]),
        ("short", ["NULL"[:3], "{,}"], ["NUL", "{,}"]),
        ("kinds", [1, 2], [1, 2]),
        ("wall", "2026-03-01T14:00:00.5+04:00", "2026-03-01T10:00:00.5"),
        ("wall", "2026-03-01T14:00:00", "2026-03-01T14:00:00"),
        ("wall", "0001-01-01T00:00:00", "0001-01-01T00:00:00"),
        ("moment", "2026-03-01 14:00+0400", "2026-03-01T10:00:00+00:00"),
        ("day", "2026-03-01", "2026-03-01"),
        ("at", "24:00:00", "24:00:00"),
        ("lasting", "P1DT2H", "1 day 02:00:00"),
        ("during", "[1,5)", "[1,5)"),
        ("bits", "011", "011"),
    ],
)
async def test_a_value_is_stored_as_it_is_meant(typed, column, value, stored) -> None:
    store, pool = typed
    n = await pool.fetchval("SELECT max(n) + 1 FROM typed")
    async with pool.acquire() as connection:
        await connection.execute(f"ALTER TABLE typed ALTER n SET DEFAULT {n}")
    made = await store.create_record(new_key(), TABLE, {column: value})
    assert made["record"][column] == stored
    await pool.execute("DELETE FROM typed WHERE n > 5")


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("n", 5, "no declared column 'n'"),
        ("big", Decimal("1e999"), r"public\.typed\.big: .*out of range"),
        ("big", 1.5, r"public\.typed\.big: expected a whole number"),
        ("exact", Decimal("1e999"), r"public\.typed\.exact: .*overflow"),
        ("numbers", [1.5], r"public\.typed\.numbers\[0\]: expected a whole number \(integer\)"),
        ("numbers", [[1], [2, 3]], r"public\.typed\.numbers: lists in a list must all be of one"),
        ("numbers", [1, [2]], r"public\.typed\.numbers: lists in a list"),
        ("numbers", [[]], r"public\.typed\.numbers: lists in a list"),
        ("numbers", {"a": 1}, r"public\.typed\.numbers: expected a list"),
        ("short", ["a", "long"], r"public\.typed\.short\[1\]: expected at most 3 characters"),
        ("days", ["today"], r"public\.typed\.days\[0\]: expected a date"),
        ("kinds", [0], r"public\.typed\.kinds: .*violates check constraint"),
        ("day", "01.03.2026", r"public\.typed\.day: expected a date without a time"),
        ("day", "2026-03-01T10:00:00Z", r"public\.typed\.day: expected a date without a time"),
        *(
            (column, word, rf"public\.typed\.{column}: expected a ")
            for column in ("day", "moment", "wall")
            for word in ("now", "today", "Tomorrow", "infinity", "-infinity", "epoch", "March 1")
        ),
        ("at", "now", r"public\.typed\.at: expected a time"),
        ("at", "10:00+02:00", r"public\.typed\.at: expected a time without an offset"),
        ("seen", "[today,infinity)", r"public\.typed\.seen: expected a range"),
        ("hue", "blue", r"public\.typed\.hue: invalid input value for enum"),
        ("positive", 0, r"public\.typed\.positive: .*violates check constraint"),
    ],
)
async def test_what_is_not_plain_is_refused_with_its_column(typed, column, value, message) -> None:
    with pytest.raises(InvalidInputError, match=message):
        await typed[0].update_records(new_key(), TABLE, {column: value}, {"all": []})
