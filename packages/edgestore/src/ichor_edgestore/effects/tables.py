"""Declared tables: those that actions may write to."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from ichor_core import exact_json
from ichor_core.errors import ConditionError, InvalidInputError
from ichor_core.expressions import ALWAYS, Comparison, Condition, comparisons, parse_condition


class DeclaredTable(Struct, frozen=True):
    """The columns of a table that actions may use; all others are refused."""

    columns: tuple[str, ...]
    """Columns that may be written, read and compared."""
    key: str
    """The column that identifies a row; it may be written only if it is among `columns`."""

    @property
    def readable(self) -> tuple[str, ...]:
        """The columns that a record shows and a condition may compare."""
        return self.columns if self.key in self.columns else (self.key, *self.columns)


_OF_A_PART = frozenset(("contains", "not_contains", "starts_with", "ends_with"))
_WHERE = " (ichor-worker: DECLARED_TABLES)"

DeclaredTables = Mapping[str, DeclaredTable]
"""By name, with its schema: ``public.orders``."""


def find_table(tables: DeclaredTables, name: str) -> DeclaredTable:
    """Return a declared table.

    Raises:
        InvalidInputError: it is not declared.
    """
    table = tables.get(name)
    if table is None:
        known = ", ".join(sorted(tables)) or "none"
        raise InvalidInputError(f"the table {name!r} is not declared; declared: {known}{_WHERE}")
    return table


def check_values(table: DeclaredTable, name: str, values: Mapping[str, Any]) -> None:
    """Refuse columns that may not be written, and text that cannot be stored.

    Raises:
        InvalidInputError: with the column.
    """
    for column in values:
        if column not in table.columns:
            raise _no_column(table.columns, name, column)
    exact_json.check_storable(dict(values), path=name)


def parse_where(table: DeclaredTable, name: str, where: Any) -> Condition:
    """Read the condition of an update.

    Raises:
        InvalidInputError: it does not parse, compares what is not declared, asks for a part that
            is empty text, or selects every row without being exactly ``{"all": []}``.
    """
    exact_json.check_storable(where, path="$.where")
    condition = parse_condition(where, "$.where")
    for comparison in comparisons(condition):
        if column_of(comparison.field, table.readable) is None:
            raise _no_column(table.readable, name, comparison.field)
        if comparison.value == "" and comparison.operator in _OF_A_PART:
            raise ConditionError(
                f'{comparison.operator} with "" would select every row that has text in '
                f"{comparison.field!r}; use is_empty or is_not_null if that is meant",
                f"{comparison.path}.value",
            )
    if where != {"all": []} and _constant(condition) is True:
        raise InvalidInputError(
            'this condition selects every row; if that is meant, write {"all": []}', "$.where"
        )
    return condition


def column_of(field: str, columns: tuple[str, ...]) -> tuple[str, list[str]] | None:
    """Return the column that a field of a condition names, and the path inside its value."""
    if field in columns:
        return field, []
    column, *path = field.split(".")
    return (column, path) if column in columns else None


def _constant(condition: Condition) -> bool | None:
    """Return the value of a condition if it is the same for every row, else None."""
    if isinstance(condition, Comparison):
        return None
    if condition == ALWAYS:
        return True
    members = [_constant(member) for member in condition.members]
    if condition.kind == "not":
        return None if members[0] is None else not members[0]
    decisive = condition.kind == "any"
    if decisive in members:
        return decisive
    return None if None in members else not decisive


def _no_column(columns: tuple[str, ...], table: str, column: str) -> InvalidInputError:
    declared = ", ".join(columns)
    return InvalidInputError(
        f"{table} has no declared column {column!r}; declared: {declared}{_WHERE}"
    )
