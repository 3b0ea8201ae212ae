"""The backlog: executions to be started, and approvals to be decided."""

import asyncpg
from msgspec import Struct

from ichor_edgestore.database.listing import from_row

_COUNT = """
    SELECT d.dispatches, d.oldest_dispatch_seconds,
        a.approvals, a.oldest_approval_seconds, a.overdue_approvals
    FROM (
        SELECT count(*) AS dispatches,
            coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8
                AS oldest_dispatch_seconds
        FROM workflow.dispatches
        WHERE state = 'pending'
    ) d, (
        SELECT count(*) AS approvals,
            coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8
                AS oldest_approval_seconds,
            count(*) FILTER (WHERE deadline < now()) AS overdue_approvals
        FROM workflow.approvals
        WHERE status = 'pending'
    ) a"""


class Backlog(Struct, frozen=True):
    """Counts of pending work, and the age of the oldest; 0 where there is none."""

    dispatches: int
    """Accepted executions whose workflow has not been started."""
    oldest_dispatch_seconds: float
    approvals: int
    """Approvals that are not decided."""
    oldest_approval_seconds: float
    overdue_approvals: int
    """Pending approvals past their deadline, which no workflow has noticed yet."""


class PostgresBacklogStore:
    """Counts pending work."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def count(self) -> Backlog:
        """Count all of it with one query over pending rows."""
        row = await self._pool.fetchrow(_COUNT)
        assert row is not None
        return from_row(row, Backlog)
