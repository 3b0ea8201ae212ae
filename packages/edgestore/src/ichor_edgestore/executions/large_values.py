"""Values too large for a workflow's history, in PostgreSQL."""

import re

import asyncpg

from ichor_core.errors import InvalidInputError, NotFoundError

_DIGEST = re.compile(r"[0-9a-f]{64}")
# Retention removes values by their time, so it is that of the last use.
_PUT = """
    INSERT INTO workflow.large_values (digest, data, size)
    VALUES ($1, $2::bytea, octet_length($2::bytea))
    ON CONFLICT (digest) DO UPDATE SET created_at = excluded.created_at"""
_GET = "SELECT data FROM workflow.large_values WHERE digest = $1"


class PostgresValueStore:
    """Keeps large values by their digest."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def put(self, digest: str, data: bytes) -> None:
        """Store a value under its SHA-256 in hex; storing it again renews its time only.

        Raises:
            InvalidInputError: this is not such a digest.
        """
        await self._pool.execute(_PUT, check_digest(digest), data)

    async def get(self, digest: str) -> bytes:
        """Return a value.

        Raises:
            NotFoundError: nothing is stored under this digest.
        """
        data = await self._pool.fetchval(_GET, digest)
        if data is None:
            raise no_value(digest)
        return data


def check_digest(digest: str) -> str:
    """Return a digest that may be stored.

    Raises:
        InvalidInputError: this is not a SHA-256 in lower-case hex.
    """
    if not _DIGEST.fullmatch(digest):
        raise InvalidInputError("expected a SHA-256 in hex", "digest")
    return digest


def no_value(digest: str) -> NotFoundError:
    """Return the error of a value that is not there."""
    return NotFoundError(f"there is no value {digest}")
