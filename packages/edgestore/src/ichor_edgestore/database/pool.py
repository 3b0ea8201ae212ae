"""Connections to PostgreSQL that speak exact JSON."""

import logging
from typing import Any

import asyncpg
import stamina
from asyncpg.pool import PoolConnectionProxy

from ichor_core import exact_json

_logger = logging.getLogger(__name__)

Connection = asyncpg.Connection | PoolConnectionProxy
"""A connection, taken from a pool or not."""

TRANSIENT_ERRORS: tuple[type[Exception], ...] = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.InterfaceError,
    # A backend that was killed can leave the driver in the middle of a message.
    asyncpg.InternalClientError,
)
"""Errors that may pass: the same call may succeed on another connection."""

DATABASE_ERRORS: tuple[type[Exception], ...] = (*TRANSIENT_ERRORS, asyncpg.PostgresError)
"""Errors that must not end a process: the database is away, refuses, or is not migrated yet."""


async def open_pool(
    dsn: str, *, min_size: int = 1, max_size: int = 10, application: str = "ichor"
) -> asyncpg.Pool:
    """Open a pool; ids are text, JSON keeps every number, times are in UTC.

    Args:
        dsn: ``postgresql://user:password@host:port/database``.
        min_size: connections that are kept open.
        max_size: connections at most; callers wait for a free one.
        application: name that the server shows for these connections.
    """
    return await asyncpg.create_pool(
        dsn,
        min_size=min_size,
        max_size=max_size,
        init=_set_codecs,
        reset=_keep,
        timeout=10,
        command_timeout=60,
        server_settings={"application_name": application, "timezone": "UTC"},
    )


async def open_pool_patiently(
    dsn: str, *, min_size: int = 1, max_size: int = 10, application: str = "ichor"
) -> asyncpg.Pool:
    """Open a pool as `open_pool` does; retry, and log it, while the database is away."""
    async for attempt in stamina.retry_context(
        TRANSIENT_ERRORS,
        attempts=None,
        timeout=None,
        wait_initial=0.25,
        wait_max=10,
        wait_jitter=0.25,
    ):
        with attempt:
            try:
                return await open_pool(
                    dsn, min_size=min_size, max_size=max_size, application=application
                )
            except TRANSIENT_ERRORS as error:
                _logger.warning("PostgreSQL cannot be reached yet: %s", error)
                raise
    raise AssertionError("it is tried without end")


def to_json(value: Any) -> str:
    """Write a value for a JSON column.

    Raises:
        ExactJsonError: it holds what PostgreSQL cannot store.
    """
    data = exact_json.encode(value)
    if b"\\u0000" in data:
        exact_json.decode(data)  # raises with the place, unless the text only looks like it
    return data.decode()


async def _keep(_connection: Any) -> None:
    """Skip the reset that costs a round trip at each release: no session state is ever set."""


async def _set_codecs(connection: Any) -> None:
    for json_type in ("json", "jsonb"):
        await connection.set_type_codec(
            json_type, schema="pg_catalog", encoder=to_json, decoder=exact_json.decode
        )
    await connection.set_type_codec("uuid", schema="pg_catalog", encoder=str, decoder=str)
