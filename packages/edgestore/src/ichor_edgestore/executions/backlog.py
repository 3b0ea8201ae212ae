"""What waits: executions for their start, and approvals for people."""

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


class Waiting(Struct, frozen=True):
    """How much waits, and how long the oldest has waited; 0 where nothing does."""

    dispatches: int
    """Accepted executions whose workflow has not been started."""
    oldest_dispatch_seconds: float
    approvals: int
    """Approvals that nobody has decided."""
    oldest_approval_seconds: float
    overdue_approvals: int
    """Those whose deadline has passed: no workflow has noticed it yet."""


class WaitingStore:
    """Counts what waits."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def count(self) -> Waiting:
        """Count it all, with one query over what is pending."""
        row = await self._pool.fetchrow(_COUNT)
        assert row is not None
        return from_row(row, Waiting)
