"""Refusals of the database, in words that show no column that is not declared.

A message of the database may show any column of the row, so words are made from the class of an
error (SQLSTATE), the kind of a constraint and the declared columns it is about. Only what a
trigger raises is shown as written: its author has written it to be read.
"""

import re
from collections.abc import Mapping
from typing import Any

import asyncpg
from msgspec import Struct

from ichor_core.errors import ConflictError, IchorError, InvalidInputError
from ichor_edgestore.database.pool import Connection, to_json

_MAX_SHOWN = 100
_SELECT_CONSTRAINT = """
    WITH relation AS (
        SELECT to_regclass(format('%I.%I', $2::text, $3::text))::oid AS oid
    )
    SELECT array_agg(a.attname::text ORDER BY a.attnum)
    FROM relation JOIN pg_attribute a ON a.attrelid = relation.oid AND a.attnum > 0
    WHERE (
        relation.oid = to_regclass($4)
        OR relation.oid IN (SELECT relid FROM pg_partition_tree(to_regclass($4)))
    ) AND (
        EXISTS (
            SELECT FROM pg_constraint
            WHERE conrelid = relation.oid AND conname = $1 AND a.attnum = ANY (conkey)
        )
        OR EXISTS (
            SELECT FROM pg_index JOIN pg_class own ON own.oid = indexrelid
            JOIN pg_depend d ON d.objid = own.oid AND d.classid = 'pg_class'::regclass
            WHERE indrelid = relation.oid AND own.relname = $1
                AND d.refobjid = relation.oid AND d.refobjsubid = a.attnum
        )
    )"""
"""The columns of a constraint or unique index, if it is one of this table or its partitions."""

_KINDS = {
    "23502": "not-null constraint",
    "23503": "foreign key",
    "23505": "unique constraint",
    "23514": "check constraint",
    "23P01": "exclusion constraint",
}
_WHY = {
    "23503": "no row that it refers to is there",
    "23505": "duplicate: another row has this value already",
    "23514": "violates check constraint",
    "23P01": "conflicts with another row",
}
_PASSING = {
    "40001": "another transaction changed the same rows",
    "40P01": "deadlock with another transaction",
    "55P03": "no lock in time: another transaction holds the rows or the table",
    "55006": "in use by another session",
    "57014": "cancelled: it took longer than the database allows",
    "25006": "the database takes no changes now (read-only)",
}
"""Refusals that may pass."""
_CURES = {
    "0A000": "the table cannot be changed like this, such as a view",
    "42501": "the role of the worker lacks a privilege that this needs, on the table, its columns"
    " or what its defaults and triggers use; GRANT it",
    "42703": "a column is not there (any more): the table, or a trigger of it, has changed",
    "42704": "a type or another object is not there (any more)",
    "42804": "a value is of another type than its column, or than a trigger expects",
    "42809": "the table is of a kind that cannot be changed",
    "42883": "a function or an operator that it needs is not there",
    "42P01": "the table, or one that a trigger uses, is not there (any more)",
    "3F000": "the schema is not there (any more)",
    "428C9": "a value is given to a column that is generated always",
    "44000": "the row would not be seen by the view it is written to (WITH CHECK OPTION)",
    "54000": "a value is too large, such as one of an index",
    "55000": "it cannot be changed like this, such as a view that is not updatable",
}
_ROW_SECURITY = "a policy of row level security does not allow this row"
_OURS_TO_EXPLAIN = frozenset(
    "0A 09 0L 0P 21 22 23 25 27 2F 38 39 3F 42 44 54 55 P0".split()  # noqa: SIM905
)
"""Classes of errors that say: not like this. What remains is the state of the database."""
STALE_STATES = frozenset(("0A000", "42703", "42704", "42804", "42883", "42P01", "3F000"))
"""Errors that may come from columns that changed a moment ago."""


class Attempted(Struct, frozen=True):
    """The request made of a table."""

    table: str
    """As declared."""
    relation: str
    """As SQL."""
    readable: tuple[str, ...]
    """The columns that may be named."""
    values: Mapping[str, Any]
    """The values to be written."""


async def columns_of_constraint(
    connection: Connection, error: asyncpg.PostgresError, attempted: Attempted
) -> tuple[str, ...]:
    """Return the columns that the constraint of an error is about; empty where it is not known."""
    if error.column_name and _is_of(error, attempted):
        return (error.column_name,)
    if not (error.constraint_name and error.schema_name and error.table_name):
        return ()
    found = await connection.fetchval(
        _SELECT_CONSTRAINT,
        error.constraint_name,
        error.schema_name,
        error.table_name,
        attempted.relation,
    )
    return tuple(found or ())


def refusal_of(
    error: asyncpg.PostgresError, attempted: Attempted, columns: tuple[str, ...]
) -> IchorError | None:
    """Return what the action fails with, or None where the database itself is not well.

    Args:
        error: of the statement that was attempted.
        attempted: what it was.
        columns: those of the constraint that the error is about.

    Returns:
        `ConflictError` if it may pass, `InvalidInputError` if a retry would be refused as well.
    """
    state = error.sqlstate or ""
    if state in _PASSING:
        return ConflictError(f"{attempted.table}: {_PASSING[state]} [{state}]")
    if is_raised(error):
        return InvalidInputError(f"{error.args[0]} [{state}]", attempted.table)
    is_own = isinstance(error, asyncpg.exceptions.UnknownPostgresError)
    if state[:2] not in _OURS_TO_EXPLAIN and not is_own:
        return None
    if state.startswith("23"):
        return _of_constraint(error, attempted, columns)
    if state == "42501" and error.server_source_function == "ExecWithCheckOptions":
        return InvalidInputError(f"{_ROW_SECURITY} [{state}]", attempted.table)
    name = _CURES.get(state) or _words(error)
    place = attempted.table
    if state.startswith("22") and len(attempted.values) == 1:
        place = f"{place}.{next(iter(attempted.values))}"
    return InvalidInputError(f"refused by the database: {name} [{state}]", place)


def is_raised(error: asyncpg.PostgresError) -> bool:
    """Say whether a function in PL/pgSQL raised it by `RAISE`, with whatever SQLSTATE."""
    return error.server_source_function == "exec_stmt_raise"


def _of_constraint(
    error: asyncpg.PostgresError, attempted: Attempted, columns: tuple[str, ...]
) -> InvalidInputError:
    state = error.sqlstate or ""
    kind = _KINDS.get(state, "constraint")
    shown = columns and all(name in attempted.readable for name in columns)
    if not shown:
        place = "of another table" if not _is_of(error, attempted) else "on what is not declared"
        return InvalidInputError(f"violates a {kind} {place} [{state}]", attempted.table)
    if state == "23502":
        return InvalidInputError("must not be null", f"{attempted.table}.{columns[0]}")
    written = {name: attempted.values[name] for name in columns if name in attempted.values}
    given = f", given: {_shorten(to_json(written))}" if written else ""
    why = _WHY.get(state, "violates")
    name = error.constraint_name if why.endswith(kind) else f"({kind} {error.constraint_name})"
    return InvalidInputError(f"{why} {name}{given}", f"{attempted.table}.{', '.join(columns)}")


def _is_of(error: asyncpg.PostgresError, attempted: Attempted) -> bool:
    return f"{error.schema_name}.{error.table_name}" == attempted.table


def _shorten(text: str) -> str:
    return text if len(text) <= _MAX_SHOWN else text[:_MAX_SHOWN] + "…"


def _words(error: asyncpg.PostgresError) -> str:
    """Return the name of an error's class as words; the text itself may show any column."""
    name = type(error).__name__.removesuffix("Error")
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()
