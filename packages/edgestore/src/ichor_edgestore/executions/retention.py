"""Removes executions that ended long ago with all their rows, and old events and large values."""

from collections.abc import AsyncGenerator
from datetime import datetime

import asyncpg
from msgspec import Struct

BATCH = 1_000

_ENDED = """
    SELECT id, event_id FROM workflow.executions WHERE finished_at < $1
    ORDER BY finished_at LIMIT $2 FOR UPDATE SKIP LOCKED"""
_OF_EXECUTIONS = (
    "DELETE FROM workflow.alerts WHERE execution_id = ANY($1)",
    "DELETE FROM workflow.effects WHERE execution_id = ANY($1)",
    "DELETE FROM workflow.approvals WHERE execution_id = ANY($1)",
    "DELETE FROM workflow.executions WHERE id = ANY($1)",
)
_EVENTS = """
    DELETE FROM workflow.events WHERE id IN (
        SELECT id FROM workflow.events AS event WHERE received_at < $1
        AND NOT EXISTS (SELECT FROM workflow.executions WHERE event_id = event.id)
        LIMIT $2 FOR UPDATE SKIP LOCKED)"""
_VALUES = """
    DELETE FROM workflow.large_values WHERE digest IN (
        SELECT digest FROM workflow.large_values WHERE created_at < $1
        LIMIT $2 FOR UPDATE SKIP LOCKED)"""
_COUNT = """
    SELECT
        (SELECT count(*) FROM workflow.executions WHERE finished_at < $1),
        (SELECT count(*) FROM workflow.events AS event WHERE received_at < $1
            AND NOT EXISTS (
                SELECT FROM workflow.executions WHERE event_id = event.id
                AND (finished_at IS NULL OR finished_at >= $1))),
        (SELECT count(*) FROM workflow.large_values WHERE created_at < $2)"""


class Pruned(Struct, frozen=True):
    """Numbers of removed rows."""

    executions: int = 0
    events: int = 0
    values: int = 0

    def __add__(self, other: "Pruned") -> "Pruned":
        """Return the sum of both."""
        return Pruned(
            self.executions + other.executions,
            self.events + other.events,
            self.values + other.values,
        )


async def count_old(
    connection: asyncpg.Connection, ended_before: datetime, used_before: datetime
) -> Pruned:
    """Return the numbers of rows that `prune` would remove."""
    counts = await connection.fetchrow(_COUNT, ended_before, used_before)
    assert counts is not None
    return Pruned(*counts)


async def prune(
    connection: asyncpg.Connection,
    ended_before: datetime,
    used_before: datetime,
    *,
    batch: int = BATCH,
) -> AsyncGenerator[Pruned]:
    """Remove old rows, a batch in each transaction; it may be stopped and restarted at any time.

    Executions go with their actions, dispatches, alerts, effects and approvals, and events when the
    last of their executions has gone.

    Args:
        connection: for the exclusive use of this call.
        ended_before: removes executions that ended before, and events received before.
        used_before: removes large values stored before. A running workflow may refer to one that no
            row names: leave more time than any execution takes.
        batch: rows at a time.

    Yields:
        The numbers of rows that a batch removed.
    """
    while True:
        async with connection.transaction():
            ended = [row["id"] for row in await connection.fetch(_ENDED, ended_before, batch)]
            for statement in _OF_EXECUTIONS if ended else ():
                await connection.execute(statement, ended)
        if not ended:
            break
        yield Pruned(executions=len(ended))
    while events := _rows(await connection.execute(_EVENTS, ended_before, batch)):
        yield Pruned(events=events)
    while values := _rows(await connection.execute(_VALUES, used_before, batch)):
        yield Pruned(values=values)


def _rows(status: str) -> int:
    return int(status.rpartition(" ")[2])
