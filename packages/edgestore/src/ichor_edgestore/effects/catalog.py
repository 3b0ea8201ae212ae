"""The columns of declared tables as the database has them, until they change."""

import asyncpg
from msgspec import Struct

from ichor_core.errors import InvalidInputError
from ichor_edgestore.database.pool import Connection
from ichor_edgestore.effects.columns import Column, quote, read_columns
from ichor_edgestore.effects.tables import DeclaredTable

# Each change of a column writes its row of the catalog anew, in another transaction.
_SELECT_VERSION = """
    SELECT string_agg(attnum || ':' || xmin::text, ',' ORDER BY attnum)
    FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0"""
_MAX_NAME = 63
"""Bytes; PostgreSQL cuts longer names, which then name something else."""


class KnownTable(Struct, frozen=True):
    """The columns of a table that may be read, at one version of it."""

    relation: str
    """As SQL."""
    columns: dict[str, Column]
    version: str | None


class Catalog:
    """Keeps what is known of tables; a writer asks afterwards whether it was still so."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._known: dict[str, KnownTable] = {}

    def knows(self, table: str) -> bool:
        """Say whether `find` would answer without asking the database."""
        return table in self._known

    def forget(self, table: str) -> None:
        """Let the next `find` read the table again."""
        self._known.pop(table, None)

    async def find(self, table: str, declared: DeclaredTable) -> KnownTable:
        """Return what is known of a declared table, else read it.

        Raises:
            InvalidInputError: declared columns that are not there.
        """
        known = self._known.get(table)
        if known is not None:
            return known
        relation = qualified(table)
        async with self._pool.acquire() as connection:
            version = await read_version(connection, relation)
            found = await read_columns(connection, relation)
        missing = [name for name in declared.readable if name not in found]
        if missing:
            raise InvalidInputError(
                f"declared, but not in the database: {', '.join(missing)}", table
            )
        columns = {name: found[name] for name in declared.readable}
        known = self._known[table] = KnownTable(relation, columns, version)
        return known

    async def has_changed(self, known: KnownTable) -> bool:
        """Say whether a table is not any more what is known of it."""
        async with self._pool.acquire() as connection:
            return await read_version(connection, known.relation) != known.version


async def read_version(connection: Connection, relation: str) -> str | None:
    """Return what differs after each change of a column; after a write, of what was written to."""
    return await connection.fetchval(_SELECT_VERSION, relation)


def qualified(table: str) -> str:
    """Return the name of a table as SQL.

    Raises:
        InvalidInputError: it has no schema, or is too long for PostgreSQL.
    """
    schema, dot, name = table.partition(".")
    if not (schema and dot and name):
        raise InvalidInputError(f"expected schema.table, not {table!r}", "table")
    for part in (schema, name):
        if len(part.encode()) > _MAX_NAME:
            raise InvalidInputError(
                f"{part!r} has more than {_MAX_NAME} bytes, which PostgreSQL would cut", "table"
            )
    return f"{quote(schema)}.{quote(name)}"
