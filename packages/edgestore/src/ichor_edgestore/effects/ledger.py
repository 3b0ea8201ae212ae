"""Effects that happen once."""

from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg

from ichor_core.contract import EffectKey
from ichor_edgestore.database.pool import Connection

_CLAIM = """
    INSERT INTO workflow.effects (key, execution_id, action_id, visit)
    VALUES ($1, $2, $3, $4)
    ON CONFLICT (key) DO NOTHING
    RETURNING key"""
_SELECT_RESULT = "SELECT result FROM workflow.effects WHERE key = $1"
_KEEP_RESULT = "UPDATE workflow.effects SET result = $2 WHERE key = $1"

Effect = Callable[[Connection], Awaitable[dict[str, Any]]]
"""Changes something on the connection it is given, in the transaction that is open there."""


async def run_once(pool: asyncpg.Pool, key: EffectKey, effect: Effect) -> dict[str, Any]:
    """Run an effect, unless it has happened; return its result, the first time's if it has.

    The claim of the key, the effect and its result are one transaction. A call during another
    one waits: if that one commits, its result is returned; if it fails, the effect runs.
    """
    async with pool.acquire() as connection, connection.transaction():
        claimed = await connection.fetchval(
            _CLAIM, str(key), key.execution_id, key.action_id, key.visit
        )
        if claimed is None:
            return await connection.fetchval(_SELECT_RESULT, str(key))
        result = await effect(connection)
        await connection.execute(_KEEP_RESULT, str(key), result)
        return result
