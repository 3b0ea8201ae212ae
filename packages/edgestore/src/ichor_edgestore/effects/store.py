"""Effects of actions in PostgreSQL, once for each effect key: records and alerts."""

# ruff: noqa: S608 - identifiers are declared and quoted; values are bound

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import asyncpg
import msgspec

from ichor_core import exact_json
from ichor_core.contract import EffectKey
from ichor_core.errors import ConditionError, IchorError, InvalidInputError
from ichor_edgestore.alerts.records import AlertDraft
from ichor_edgestore.database.parameters import Parameters
from ichor_edgestore.database.pool import Connection
from ichor_edgestore.effects.column_subject import Reading
from ichor_edgestore.effects.columns import Column, quote, read_columns
from ichor_edgestore.effects.condition_sql import (
    REFUSED_STATE,
    ROW,
    check_readings,
    compile_condition,
)
from ichor_edgestore.effects.ledger import Effect, run_once
from ichor_edgestore.effects.refusals import (
    Attempted,
    columns_of_constraint,
    is_raised,
    refusal_of,
)
from ichor_edgestore.effects.tables import (
    DeclaredTable,
    DeclaredTables,
    check_values,
    find_table,
    parse_where,
)

_INSERT_ALERT = """
    INSERT INTO workflow.alerts
        (id, effect_key, execution_id, rule_id, title, message, severity, recipients, details)
    VALUES ($1, $2, $3, (SELECT rule_id FROM workflow.executions WHERE id = $3), $4, $5, $6, $7, $8)
"""
_CHECK_CAST = "SELECT $1::text::{}"


class PostgresEffectStore:
    """Changes rows of declared tables, and stores alerts.

    Args:
        pool: the database of the tables.
        tables: what may be written; nothing else is.
    """

    def __init__(self, pool: asyncpg.Pool, tables: DeclaredTables) -> None:
        self._pool = pool
        self._tables = tables
        self._columns: dict[str, dict[str, Column]] = {}

    async def create_record(
        self, key: EffectKey, table: str, values: dict[str, Any]
    ) -> dict[str, Any]:
        """Insert a row into a declared table.

        Returns:
            ``{"created": true, "record": {column: value, …}}``, with the key of the row.

        Raises:
            InvalidInputError: a table or column that is not declared, or a value the table refuses.
        """
        declared = find_table(self._tables, table)
        check_values(declared, table, values)
        columns = await self._read_columns(table, declared)
        parameters = Parameters()
        names = ", ".join(quote(name) for name in values)
        placed = ", ".join(
            _place(table, columns[name], value, parameters) for name, value in values.items()
        )
        into = f"({names}) VALUES ({placed})" if values else "DEFAULT VALUES"
        shown = ", ".join(f"{ROW}.{quote(name)}" for name in declared.readable)
        query = (
            f"INSERT INTO {_qualified(table)} AS {ROW} {into}"
            f" RETURNING (SELECT to_jsonb(shown) FROM (SELECT {shown}) AS shown)"
        )

        async def insert(connection: Connection) -> dict[str, Any]:
            record = await connection.fetchval(query, *parameters.values)
            return {"created": True, "record": record}

        return await self._run(key, table, values, columns, insert)

    async def update_records(
        self, key: EffectKey, table: str, changes: dict[str, Any], where: Any
    ) -> dict[str, Any]:
        """Change the rows of a declared table that fulfil the condition `where`.

        Returns:
            ``{"updated": number of rows}``

        Raises:
            InvalidInputError: a table or column that is not declared, a value the table refuses,
                no changes, or a condition that selects every row without being ``{"all": []}``.
        """
        declared = find_table(self._tables, table)
        check_values(declared, table, changes)
        if not changes:
            raise InvalidInputError("no changes are given", table)
        condition = parse_where(declared, table, where)
        columns = await self._read_columns(table, declared)
        parameters = Parameters()
        assigned = ", ".join(
            f"{quote(name)} = {_place(table, columns[name], value, parameters)}"
            for name, value in changes.items()
        )
        readings: list[Reading] = []
        selected = compile_condition(condition, columns, parameters, readings)
        query = f"UPDATE {_qualified(table)} AS {ROW} SET {assigned} WHERE {selected}"

        async def update(connection: Connection) -> dict[str, Any]:
            await check_readings(connection, readings)
            done = await connection.execute(query, *parameters.values)
            return {"updated": int(done.removeprefix("UPDATE "))}

        return await self._run(key, table, changes, columns, update)

    async def create_alert(self, key: EffectKey, alert: dict[str, Any]) -> dict[str, Any]:
        """Store an alert: `title`, `message`, `severity`, `recipients`, `details`.

        Returns:
            ``{"alert_id": uuid text}``

        Raises:
            InvalidInputError: a missing or invalid field.
        """
        draft = read_alert(alert)
        alert_id = str(uuid4())

        async def insert(connection: Connection) -> dict[str, Any]:
            fields = msgspec.structs.astuple(draft)
            await connection.execute(_INSERT_ALERT, alert_id, str(key), key.execution_id, *fields)
            return {"alert_id": alert_id}

        return await run_once(self._pool, key, insert)

    async def _read_columns(self, table: str, declared: DeclaredTable) -> dict[str, Column]:
        """Return the readable columns; the catalog is asked once for each table."""
        found = self._columns.get(table)
        if found is None:
            async with self._pool.acquire() as connection:
                found = await read_columns(connection, _qualified(table))
            missing = [name for name in declared.readable if name not in found]
            if missing:
                raise InvalidInputError(
                    f"declared, but not in the database: {', '.join(missing)}", table
                )
            found = self._columns[table] = {name: found[name] for name in declared.readable}
        return found

    async def _run(
        self,
        key: EffectKey,
        table: str,
        values: Mapping[str, Any],
        columns: Mapping[str, Column],
        effect: Effect,
    ) -> dict[str, Any]:
        has_begun = False

        async def begin(connection: Connection) -> dict[str, Any]:
            nonlocal has_begun
            has_begun = True
            return await effect(connection)

        try:
            return await run_once(self._pool, key, begin)
        except asyncpg.PostgresError as error:
            if not has_begun:  # the ledger itself
                raise
            refusal = await self._explain(error, table, values, columns)
            if refusal is None:
                raise
            # Without the cause: its text shows columns that are not declared.
            raise refusal from None

    async def _explain(
        self,
        error: asyncpg.PostgresError,
        table: str,
        values: Mapping[str, Any],
        columns: Mapping[str, Column],
    ) -> IchorError | None:
        if error.sqlstate == REFUSED_STATE:
            return ConditionError(error.args[0], "$.where")
        attempted = Attempted(table, _qualified(table), tuple(columns), values)
        async with self._pool.acquire() as connection:
            # A domain's constraint has a type and no table.
            if isinstance(error, asyncpg.DataError) or error.data_type_name:
                refused = await _find_refused_value(connection, table, values, columns)
                if refused is not None and not is_raised(error):
                    return refused
            about = await columns_of_constraint(connection, error, attempted)
        return refusal_of(error, attempted, about)


async def _find_refused_value(
    connection: Connection, table: str, values: Mapping[str, Any], columns: Mapping[str, Column]
) -> InvalidInputError | None:
    """Name the column whose value does not convert: the database only tells the value."""
    for name, value in values.items():
        column = columns[name]
        try:
            query = _CHECK_CAST.format(column.declared_type)
            await connection.fetchval(query, column.text_of(value))
        except (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError) as error:
            return InvalidInputError(error.args[0], f"{table}.{name}")
    return None


def read_alert(alert: dict[str, Any]) -> AlertDraft:
    """Read an alert.

    Raises:
        InvalidInputError: a missing or invalid field.
    """
    exact_json.check_storable(alert)
    try:
        return msgspec.convert(alert, AlertDraft)
    except msgspec.ValidationError as error:
        raise InvalidInputError(str(error), "alert") from error


def _place(table: str, column: Column, value: Any, parameters: Parameters) -> str:
    try:
        text = column.text_of(value)
    except InvalidInputError as error:
        raise InvalidInputError(error.message, f"{table}.{error.path}") from None
    return column.from_json(parameters.add(text))


def _qualified(table: str) -> str:
    schema, dot, name = table.partition(".")
    if not (schema and dot and name):
        raise InvalidInputError(f"expected schema.table, not {table!r}", "table")
    return f"{quote(schema)}.{quote(name)}"
