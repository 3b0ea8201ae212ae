"""Executions and the states of their actions, in PostgreSQL."""

# ruff: noqa: S608 - queries are made of constants; values are bound

from datetime import datetime

import asyncpg

from ichor_core.contract import TERMINAL_STATUSES, ExecutionRecord, ExecutionStatus, FailureInfo
from ichor_core.errors import NotFoundError
from ichor_core.ids import ExecutionId
from ichor_edgestore.database.listing import from_row, list_page
from ichor_edgestore.database.paging import DEFAULT_LIMIT, Page
from ichor_edgestore.database.pool import to_json
from ichor_edgestore.executions.records import (
    ActionExecution,
    Execution,
    ExecutionDetail,
    ExecutionFilter,
)

TERMINAL_SQL = "({})".format(", ".join(f"'{status}'" for status in TERMINAL_STATUSES))
"""The statuses of executions that have ended, as a list in SQL."""
_COLUMNS = (
    "id, event_id, rule_id, rule_name, graph_version, interpreter_version, workflow_id, status,"
    " entity_name, entity_id, event_type, error, failures, trace_id, created_at, started_at,"
    " finished_at, runs"
)
_SELECT = f"SELECT {_COLUMNS} FROM workflow.executions"
_SELECT_DETAIL = f"""
    SELECT {_COLUMNS}, trigger_data, d.last_error AS dispatch_error
    FROM workflow.executions e
    LEFT JOIN (SELECT execution_id, last_error FROM workflow.dispatches) d ON d.execution_id = e.id
    WHERE id = $1"""
_SELECT_ACTIONS = """
    SELECT action_id, name, type, status, started_at, finished_at, attempts, error, result
    FROM workflow.action_executions
    WHERE execution_id = $1
    ORDER BY action_id"""
_SELECT_RUNNING = f"""{_SELECT}
    WHERE status = 'running' AND started_at < $1
    ORDER BY started_at
    LIMIT $2"""

# A record may come twice, or after a later one: final states stay. One statement, since every
# execution ends with it. The end of an execution withdraws its pending approvals.
_RECORD = f"""
    WITH node AS (
        SELECT node ->> 'id' AS id, node ->> 'name' AS name, node ->> 'action_type' AS type
        FROM workflow.executions e
        JOIN workflow.graph_versions v ON (v.rule_id, v.version) = (e.rule_id, e.graph_version)
        CROSS JOIN jsonb_array_elements(v.graph -> 'actions') AS node
        WHERE e.id = $1
    ), execution AS (
        INSERT INTO workflow.executions AS old
            (id, status, started_at, finished_at, error, failures, runs)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (id) DO UPDATE SET
            status = excluded.status,
            started_at = least(old.started_at, excluded.started_at),
            finished_at = excluded.finished_at,
            error = excluded.error,
            failures = CASE
                WHEN excluded.status IN {TERMINAL_SQL} OR excluded.failures <> '[]'
                THEN excluded.failures
                ELSE old.failures
            END,
            runs = greatest(old.runs, excluded.runs)
        WHERE old.status NOT IN {TERMINAL_SQL} OR excluded.status IN {TERMINAL_SQL}
    ), withdrawn AS (
        UPDATE workflow.approvals SET status = 'withdrawn', closed_at = now()
        WHERE $2 IN {TERMINAL_SQL} AND execution_id = $1 AND status = 'pending'
    )
    INSERT INTO workflow.action_executions AS old
        (execution_id, action_id, name, type, status, started_at, finished_at, attempts, error,
         result)
    SELECT $1, row.id::uuid, coalesce(node.name, row.name, ''), coalesce(node.type, row.type, ''),
        row.status, row.started_at, row.finished_at, row.attempts, row.error::jsonb,
        row.result::jsonb
    FROM unnest($8::text[], $9::text[], $10::text[], $11::text[], $12::timestamptz[],
                $13::timestamptz[], $14::int[], $15::text[], $16::text[])
        AS row (id, name, type, status, started_at, finished_at, attempts, error, result)
    LEFT JOIN node ON node.id = row.id
    ON CONFLICT (execution_id, action_id) DO UPDATE SET
        status = excluded.status,
        started_at = coalesce(excluded.started_at, old.started_at),
        finished_at = coalesce(excluded.finished_at, old.finished_at),
        attempts = greatest(excluded.attempts, old.attempts),
        error = excluded.error,
        result = coalesce(excluded.result, old.result)
    WHERE old.status IN ('waiting', 'running') OR excluded.status NOT IN ('waiting', 'running')"""
_SET_STATUS = f"""
    WITH withdrawn AS (
        UPDATE workflow.approvals SET status = 'withdrawn', closed_at = now()
        WHERE $2 IN {TERMINAL_SQL} AND execution_id = $1 AND status = 'pending'
    )
    UPDATE workflow.executions
    SET status = $2, error = coalesce($3, error),
        started_at = CASE WHEN $2 = 'running' THEN coalesce(started_at, now()) ELSE started_at END,
        finished_at = CASE WHEN $2 IN {TERMINAL_SQL} THEN now() END
    WHERE id = $1 AND status NOT IN {TERMINAL_SQL}"""


class PostgresExecutionStore:
    """Keeps executions; workflows record their state, users read it."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def record(self, record: ExecutionRecord) -> None:
        """Store a record.

        Repeating one changes nothing. An execution that has ended does not run again through a late
        record, and a recorded result stays. An execution that was never accepted is stored too.
        """
        actions = list({action.action_id: action for action in record.actions}.values())
        await self._pool.execute(
            _RECORD,
            record.execution_id,
            record.status,
            record.started_at,
            record.finished_at,
            record.error,
            record.failures,
            record.runs,
            [action.action_id for action in actions],
            [action.error.action_name if action.error else None for action in actions],
            [action.error.action_type if action.error else None for action in actions],
            [action.status for action in actions],
            [action.started_at for action in actions],
            [action.finished_at for action in actions],
            [action.attempts for action in actions],
            [None if action.error is None else to_json(action.error) for action in actions],
            [None if action.result is None else to_json(action.result) for action in actions],
        )

    async def get(self, execution_id: ExecutionId) -> ExecutionDetail:
        """Return an execution with its actions.

        Raises:
            NotFoundError: there is none.
        """
        async with (
            self._pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            row = await connection.fetchrow(_SELECT_DETAIL, execution_id)
            if row is None:
                raise no_execution(execution_id)
            actions = await connection.fetch(_SELECT_ACTIONS, execution_id)
        return ExecutionDetail(
            from_row(row, Execution),
            row["trigger_data"],
            row["dispatch_error"],
            [from_row(action, ActionExecution) for action in actions],
        )

    async def set_status(
        self, execution_id: ExecutionId, status: ExecutionStatus, error: FailureInfo | None = None
    ) -> bool:
        """Correct the status of an execution without a final record; says whether it changed.

        An execution that has ended stays as it is.
        """
        done = await self._pool.execute(_SET_STATUS, execution_id, status, error)
        return done == "UPDATE 1"

    async def running_since(self, before: datetime, limit: int) -> list[Execution]:
        """Return executions that run and started before a time, the oldest first."""
        rows = await self._pool.fetch(_SELECT_RUNNING, before, limit)
        return [from_row(row, Execution) for row in rows]

    async def list(
        self,
        filter: ExecutionFilter | None = None,
        cursor: str | None = None,
        limit: int = DEFAULT_LIMIT,
    ) -> Page[Execution]:
        """Return a page of executions, the newest first.

        Raises:
            InvalidInputError: cursor or limit.
        """
        filter = filter or ExecutionFilter()
        filters = [
            ("rule_id = {}", filter.rule_id),
            ("status = ANY({})", filter.statuses),
            ("event_id = {}", filter.event_id),
            ("entity_name = {}", filter.entity_name),
            ("entity_id = {}", filter.entity_id),
            ("created_at >= {}", filter.created_after),
            ("created_at < {}", filter.created_before),
        ]
        return await list_page(
            self._pool, _SELECT, Execution, filters=filters, cursor=cursor, limit=limit
        )


def no_execution(execution_id: ExecutionId) -> NotFoundError:
    """Return the error of an execution that is not there."""
    return NotFoundError(f"there is no execution {execution_id}")
