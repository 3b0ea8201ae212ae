"""Effects of actions in PostgreSQL, once for each effect key: records and alerts."""

# ruff: noqa: S608 - identifiers are declared and quoted; values are bound

import logging
from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

import asyncpg
import msgspec

from ichor_core import exact_json
from ichor_core.contract import EffectKey
from ichor_core.errors import ConditionError, ConflictError, IchorError, InvalidInputError
from ichor_edgestore.alerts.records import AlertDraft
from ichor_edgestore.database.parameters import Parameters
from ichor_edgestore.database.pool import Connection
from ichor_edgestore.effects.catalog import Catalog, KnownTable, read_version
from ichor_edgestore.effects.column_subject import Reading
from ichor_edgestore.effects.columns import Column, quote
from ichor_edgestore.effects.condition_sql import (
    REFUSED_STATE,
    ROW,
    check_readings,
    compile_condition,
)
from ichor_edgestore.effects.ledger import Effect, run_once
from ichor_edgestore.effects.refusals import (
    STALE_STATES,
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

_logger = logging.getLogger(__name__)

_MAX_READINGS = 3
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
        self._catalog = Catalog(pool)

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

        def make(known: KnownTable) -> Effect:
            parameters = Parameters()
            names = ", ".join(quote(name) for name in values)
            placed = ", ".join(
                _place(table, known.columns[name], value, parameters)
                for name, value in values.items()
            )
            into = f"({names}) VALUES ({placed})" if values else "DEFAULT VALUES"
            shown = ", ".join(f"{ROW}.{quote(name)}" for name in declared.readable)
            query = (
                f"INSERT INTO {known.relation} AS {ROW} {into}"
                f" RETURNING (SELECT to_jsonb(shown) FROM (SELECT {shown}) AS shown)"
            )

            async def insert(connection: Connection) -> dict[str, Any]:
                record = await connection.fetchval(query, *parameters.values)
                return {"created": True, "record": record}

            return insert

        return await self._run(key, table, declared, values, make)

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

        def make(known: KnownTable) -> Effect:
            parameters = Parameters()
            assigned = ", ".join(
                f"{quote(name)} = {_place(table, known.columns[name], value, parameters)}"
                for name, value in changes.items()
            )
            readings: list[Reading] = []
            selected = compile_condition(condition, known.columns, parameters, readings)
            query = f"UPDATE {known.relation} AS {ROW} SET {assigned} WHERE {selected}"

            async def update(connection: Connection) -> dict[str, Any]:
                await check_readings(connection, readings)
                done = await connection.execute(query, *parameters.values)
                return {"updated": int(done.removeprefix("UPDATE "))}

            return update

        return await self._run(key, table, declared, changes, make)

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

    async def _run(
        self,
        key: EffectKey,
        table: str,
        declared: DeclaredTable,
        values: Mapping[str, Any],
        make: Callable[[KnownTable], Effect],
    ) -> dict[str, Any]:
        """Run an effect with the columns as they are: again, if they turn out to have changed."""
        for _ in range(_MAX_READINGS):
            is_fresh = not self._catalog.knows(table)
            known = await self._catalog.find(table, declared)
            attempted = Attempted(table, known.relation, tuple(known.columns), values)
            try:
                effect = make(known)
                return await self._attempt(key, attempted, known, effect, is_fresh=is_fresh)
            except _ChangedError:
                pass
            except IchorError as refusal:
                if is_fresh or not await self._catalog.has_changed(known):
                    raise
                _logger.info("Columns of %s have changed: %s", table, refusal)
            self._catalog.forget(table)
        raise ConflictError(f"{table}: its columns keep changing")

    async def _attempt(
        self,
        key: EffectKey,
        attempted: Attempted,
        known: KnownTable,
        effect: Effect,
        *,
        is_fresh: bool,
    ) -> dict[str, Any]:
        has_begun = False

        async def begin(connection: Connection) -> dict[str, Any]:
            nonlocal has_begun
            has_begun = True
            result = await effect(connection)
            # What has been written to is locked until the commit.
            if await read_version(connection, known.relation) != known.version:
                raise _ChangedError
            return result

        try:
            return await run_once(self._pool, key, begin)
        except asyncpg.PostgresError as error:
            if not has_begun:  # the ledger itself
                raise
            if isinstance(error, asyncpg.exceptions.InvalidCachedStatementError):
                raise _ChangedError from None
            if not is_fresh and error.sqlstate in STALE_STATES and not is_raised(error):
                raise _ChangedError from None
            refusal = await self._explain(error, attempted, known)
            if refusal is None:
                raise
            # Without the cause: its text shows columns that are not declared.
            raise refusal from None

    async def _explain(
        self, error: asyncpg.PostgresError, attempted: Attempted, known: KnownTable
    ) -> IchorError | None:
        if error.sqlstate == REFUSED_STATE:
            return ConditionError(error.args[0], "$.where")
        async with self._pool.acquire() as connection:
            # A domain's constraint has a type and no table.
            if isinstance(error, asyncpg.DataError) or error.data_type_name:
                refused = await _find_refused_value(connection, attempted, known)
                if refused is not None and not is_raised(error):
                    return refused
            about = await columns_of_constraint(connection, error, attempted)
        return refusal_of(error, attempted, about)


class _ChangedError(Exception):
    """The columns are not any more what the statement was made for."""


async def _find_refused_value(
    connection: Connection, attempted: Attempted, known: KnownTable
) -> InvalidInputError | None:
    """Name the column whose value does not convert: the database only tells the value."""
    for name, value in attempted.values.items():
        column = known.columns[name]
        try:
            query = _CHECK_CAST.format(column.declared_type)
            await connection.fetchval(query, column.text_of(value))
        except (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError) as error:
            return InvalidInputError(error.args[0], f"{attempted.table}.{name}")
        except asyncpg.PostgresError:
            return None
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
