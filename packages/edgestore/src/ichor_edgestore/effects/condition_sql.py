"""Conditions as SQL that selects rows, as `ichor_core.expressions.condition_holds` would.

A column compares as its type, with a value that is read as that type; JSON, arrays and composites
compare as JSON. For an operator on text, any other value counts as the text of its JSON. The SQL
is true for a row, or it is false or null; so indexes serve plain comparisons. A comparison that
makes no sense for the type of a column is refused at once, even if no row would reach it; what a
JSON value is, is known only when a row is looked at, and refused by the database.
"""

# ruff: noqa: S608 - identifiers are quoted; values are bound

from collections.abc import Mapping
from itertools import takewhile
from typing import Any, cast

import asyncpg

from ichor_core.errors import ConditionError, InvalidInputError
from ichor_core.expressions import NEGATED_OPERATORS, Comparison, Condition, Group
from ichor_edgestore.database.parameters import Parameters
from ichor_edgestore.database.pool import Connection
from ichor_edgestore.effects.column_subject import ColumnSubject, NullSubject, Reading
from ichor_edgestore.effects.columns import Column, quote
from ichor_edgestore.effects.json_subject import JsonSubject
from ichor_edgestore.effects.subject import Order, Subject
from ichor_edgestore.effects.tables import column_of

ROW = "target"
"""The alias that the query must give the row."""
REFUSED_STATE = "IC001"
"""The SQLSTATE of a comparison that the database refuses."""

_ORDERS: dict[str, Order] = {
    "greater_than": ">",
    "greater_than_or_equal": ">=",
    "less_than": "<",
    "less_than_or_equal": "<=",
}


def compile_condition(
    condition: Condition,
    columns: Mapping[str, Column],
    parameters: Parameters,
    readings: list[Reading] | None = None,
) -> str:
    """Return a condition as SQL about the row `ROW`.

    Args:
        condition: its fields name columns, or paths into JSON columns.
        columns: the columns of the table.
        parameters: gets the values.
        readings: gets the texts that only the database can read; see `check_readings`.

    Raises:
        ConditionError: a comparison that makes no sense for the type of the column.
        InvalidInputError: there is no such column, or there are too many values.
    """
    found = [] if readings is None else readings
    return _Compiler(columns, parameters, found).compile(condition)[0]


async def check_readings(connection: Connection, readings: list[Reading]) -> None:
    """Let the database read the texts that only it can read, in the transaction that is open.

    Raises:
        ConditionError: one is none of the type it is to be compared as.
    """
    for type_name in dict.fromkeys(reading.type for reading in readings):
        of_type = [reading for reading in readings if reading.type == type_name]
        texts = [reading.text for reading in of_type]
        if await _can_read(connection, type_name, texts):
            continue
        for reading in of_type:
            if not await _can_read(connection, type_name, [reading.text]):
                raise ConditionError(
                    f"field {reading.field!r} cannot be compared: "
                    f"{reading.text[:60]!r} is no value of type {type_name}",
                    reading.path,
                )


async def _can_read(connection: Connection, type_name: str, texts: list[str]) -> bool:
    try:
        async with connection.transaction():
            query = f"SELECT count(text::{type_name}) FROM unnest($1::text[]) AS text"
            await connection.fetchval(query, texts)
    except asyncpg.DataError:
        return False
    return True


class _Compiler:
    def __init__(
        self, columns: Mapping[str, Column], parameters: Parameters, readings: list[Reading]
    ) -> None:
        self._columns = columns
        self._parameters = parameters
        self._readings = readings

    def compile(self, condition: Condition) -> tuple[str, bool]:
        """Return SQL, and whether looking at a row with it may raise an error."""
        if isinstance(condition, Comparison):
            return self._comparison(condition)
        if condition.kind == "not":
            sql, may_refuse = self.compile(condition.members[0])
            return f"({sql}) IS NOT TRUE", may_refuse
        return self._group(condition)

    def _group(self, group: Group) -> tuple[str, bool]:
        is_all = group.kind == "all"
        if not group.members:
            return ("TRUE" if is_all else "FALSE"), False
        compiled = [self.compile(member) for member in group.members]
        parts = [f"({sql})" for sql, _ in compiled]
        if len(parts) == 1:
            return compiled[0]
        if not any(may_refuse for _, may_refuse in compiled):
            return (" AND " if is_all else " OR ").join(parts), False
        # Only CASE keeps the order in which members are tried.
        if not is_all:
            whens = " ".join(f"WHEN {part} THEN TRUE" for part in parts)
            return f"CASE {whens} ELSE FALSE END", True
        whens = " ".join(f"WHEN {part} IS NOT TRUE THEN FALSE" for part in parts)
        ordered = f"CASE {whens} ELSE TRUE END"
        # The plain comparisons that come first stand there once more, where an index serves them.
        pairs = zip(group.members, compiled, strict=True)
        plain = takewhile(lambda pair: isinstance(pair[0], Comparison) and not pair[1][1], pairs)
        return " AND ".join([*(f"({sql})" for _, (sql, _) in plain), ordered]), True

    def _comparison(self, comparison: Comparison) -> tuple[str, bool]:
        subject = self._subject(comparison)
        operator = NEGATED_OPERATORS.get(comparison.operator)
        if operator is None:
            return _positive(comparison.operator, subject, comparison), subject.may_refuse
        return f"({_positive(operator, subject, comparison)}) IS NOT TRUE", subject.may_refuse

    def _subject(self, comparison: Comparison) -> Subject:
        found = column_of(comparison.field, tuple(self._columns))
        if found is None:
            raise InvalidInputError(f"there is no column {comparison.field!r}", comparison.path)
        name, path = found
        column, sql = self._columns[name], f"{ROW}.{quote(name)}"
        if column.kind == "json":
            return JsonSubject(f"{sql}::jsonb", path, self._parameters)
        if column.kind in ("array", "object"):
            return JsonSubject(f"to_jsonb({sql})", path, self._parameters)
        if path:
            return NullSubject()
        return ColumnSubject(sql, column, self._parameters, self._readings)


def _positive(operator: str, subject: Subject, comparison: Comparison) -> str:
    value = comparison.value
    match operator:
        case "is_null":
            return subject.is_null()
        case "is_empty":
            return f"{subject.is_null()} OR {subject.is_blank()}"
        case "equals":
            return subject.equals(value, comparison)
        case "in":
            items = _items(comparison)
            return " OR ".join(f"({subject.equals(item, comparison)})" for item in items) or "FALSE"
        case "between":
            low, high = _bounds(comparison)
            if low is None:  # the evaluator does not get as far as the other bound
                return "FALSE"
            at_least = subject.is_ordered(">=", low, comparison)
            at_most = subject.is_ordered("<=", high, comparison)
            if subject.may_refuse:
                return f"CASE WHEN {at_least} THEN {at_most} END"
            return f"({at_least}) AND ({at_most})"
        case "contains":
            return subject.contains(value, comparison)
        case "starts_with" | "ends_with":
            return subject.has_affix(operator, value, comparison)
        case _:
            return subject.is_ordered(_ORDERS[operator], value, comparison)


def _items(comparison: Comparison) -> list[Any]:
    value = comparison.value
    if not isinstance(value, list):
        raise ConditionError(f"{comparison.operator} needs a list", f"{comparison.path}.value")
    return cast(list[Any], value)


def _bounds(comparison: Comparison) -> tuple[Any, Any]:
    items = _items(comparison)
    if len(items) != 2:
        raise ConditionError("between needs a list of two", f"{comparison.path}.value")
    return items[0], items[1]
