"""The schema `workflow`, brought up to date with Alembic.

All that is missing is applied in one transaction under an advisory lock: callers at the same time
wait for each other, and a migration that fails leaves nothing behind.
"""

import asyncio
import threading
from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from ichor_core.errors import IchorError

__all__ = ["SCHEMA", "UnknownRevisionError", "current", "head", "migrate"]

SCHEMA = "workflow"
LOCK_KEY = 0x1C408
"""Of the advisory lock: any number that nothing else in the database locks."""
_process_lock = threading.Lock()


class UnknownRevisionError(IchorError, RuntimeError):
    """The database was migrated by a newer version of this package."""


async def migrate(dsn: str) -> str:
    """Apply the migrations that the database lacks and return its revision.

    Raises:
        UnknownRevisionError: the database is newer than this package; nothing is changed.
        OSError, asyncpg.PostgresError: the server cannot be reached, or refuses.
    """
    return await asyncio.to_thread(_migrate_in_thread, dsn)


async def current(dsn: str) -> str | None:
    """Return the revision of the database; None where it was never migrated."""
    connection = await asyncpg.connect(dsn)
    try:
        table = f"{SCHEMA}.alembic_version"
        if await connection.fetchval("SELECT to_regclass($1)", table) is None:
            return None
        return await connection.fetchval(f"SELECT version_num FROM {table}")  # noqa: S608
    finally:
        await connection.close()


def head() -> str:
    """Return the newest revision that this package knows."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    assert revision is not None
    return revision


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _migrate_in_thread(dsn: str) -> str:
    # Alembic keeps its context in module variables: one migration in a process at a time.
    with _process_lock:
        return asyncio.run(_migrate(dsn))


async def _migrate(dsn: str) -> str:
    revision = head()
    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(dsn), poolclass=NullPool
    )
    try:
        async with engine.begin() as connection:
            await connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK_KEY})"))
            await connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
            await connection.run_sync(_upgrade)
    except DBAPIError as error:
        refusal = error.orig.__cause__ if error.orig else None
        if isinstance(refusal, asyncpg.PostgresError):
            raise refusal from None  # SQLAlchemy's message would show the statement
        raise
    finally:
        await engine.dispose()
    return revision


def _upgrade(connection: Connection) -> None:
    config = _config()
    config.attributes.update(connection=connection, schema=SCHEMA)
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise UnknownRevisionError(f"the database is newer than this program: {error}") from error
