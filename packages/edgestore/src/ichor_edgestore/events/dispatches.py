"""The queue of executions whose workflows are to be started, in PostgreSQL."""

import asyncpg

from ichor_core.contract import FailureInfo
from ichor_core.ids import ExecutionId
from ichor_edgestore.database.listing import from_row
from ichor_edgestore.events.records import Dispatch

_LEASE = """
    WITH due AS (
        SELECT execution_id
        FROM workflow.dispatches
        WHERE state = 'pending' AND next_attempt_at <= now()
            AND (leased_until IS NULL OR leased_until < now())
        ORDER BY next_attempt_at, execution_id
        LIMIT $1
        FOR UPDATE SKIP LOCKED
    ), leased AS (
        UPDATE workflow.dispatches d
        SET leased_until = now() + make_interval(secs => $2), attempts = attempts + 1
        FROM due
        WHERE d.execution_id = due.execution_id
        RETURNING d.execution_id, d.attempts, d.next_attempt_at
    )
    SELECT l.execution_id, e.workflow_id, e.rule_id, e.rule_name, e.graph_version,
        e.interpreter_version, e.entity_name, e.entity_id, e.event_id, e.event_type,
        e.trigger_data, v.traceparent, e.created_at, l.attempts
    FROM leased l
    JOIN workflow.executions e ON e.id = l.execution_id
    JOIN workflow.events v ON v.id = e.event_id
    ORDER BY l.next_attempt_at, l.execution_id"""
_START = """
    UPDATE workflow.dispatches
    SET state = 'started', leased_until = NULL, last_error = NULL
    WHERE execution_id = $1"""
_RUN = """
    UPDATE workflow.executions SET status = 'running', started_at = coalesce(started_at, now())
    WHERE id = $1 AND status = 'pending'"""
_RETRY = """
    UPDATE workflow.dispatches
    SET leased_until = NULL, last_error = $2, next_attempt_at = now() + make_interval(secs => $3)
    WHERE execution_id = $1 AND state = 'pending'"""
_FAIL = """
    UPDATE workflow.dispatches SET state = 'failed', leased_until = NULL, last_error = $2
    WHERE execution_id = $1 AND state = 'pending'
    RETURNING execution_id"""
_FAIL_EXECUTION = """
    UPDATE workflow.executions SET status = 'failed', error = $2, finished_at = now()
    WHERE id = $1 AND status = 'pending'"""


class PostgresDispatchQueue:
    """Hands each pending dispatch to one caller at a time, again after its lease ran out."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def lease(self, limit: int, lease_seconds: float) -> list[Dispatch]:
        """Take up to `limit` dispatches that are due, the longest due first.

        Until the lease expires, no other caller gets them, unless `mark_retry` gives them back.
        """
        rows = await self._pool.fetch(_LEASE, limit, float(lease_seconds))
        return [from_row(row, Dispatch) for row in rows]

    async def mark_started(self, execution_id: ExecutionId) -> None:
        """Note that the workflow runs; an execution with a record stays as it is."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(_START, execution_id)
            await connection.execute(_RUN, execution_id)

    async def mark_retry(self, execution_id: ExecutionId, error: str, delay_seconds: float) -> None:
        """Give a dispatch back, to be due again after a delay; nothing if it was started."""
        await self._pool.execute(_RETRY, execution_id, error, float(delay_seconds))

    async def mark_failed(self, execution_id: ExecutionId, error: FailureInfo) -> None:
        """Give up a dispatch, and fail its execution; nothing if it was started."""
        async with self._pool.acquire() as connection, connection.transaction():
            if await connection.fetchval(_FAIL, execution_id, error.message):
                await connection.execute(_FAIL_EXECUTION, execution_id, error)
