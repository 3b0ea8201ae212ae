"""Which errors of PostgreSQL mean that it is away, and say nothing of an action."""

from typing import TypeVar

import asyncpg

from ichor_activities import guarded

T = TypeVar("T")

_AWAY = (
    OSError,  # connections and timeouts
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InterfaceError,
    # A backend that was killed can leave the driver in the middle of a message.
    asyncpg.InternalClientError,
)


def is_away(error: Exception) -> bool:
    """Say whether an error of a store in PostgreSQL means that the database is away."""
    # The driver's error for a value that it cannot encode is an InterfaceError too.
    return isinstance(error, _AWAY) and not isinstance(error, ValueError)


def ours(store: T) -> T:
    """Return a store whose absence does not count as an action's failure."""
    return guarded(store, is_away)
