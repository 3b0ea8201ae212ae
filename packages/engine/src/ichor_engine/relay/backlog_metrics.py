"""Metrics of the backlog in the database, counted by each process that relays."""

import asyncio
from collections.abc import Callable, Iterable

import structlog
from opentelemetry import metrics
from opentelemetry.metrics import CallbackOptions, Observation

from ichor_edgestore.database import DATABASE_ERRORS
from ichor_edgestore.executions import Backlog, PostgresBacklogStore
from ichor_runtime.shutdown import is_set_within

_COUNT_SECONDS = 10.0
_ANSWER_SECONDS = 5.0

_logger = structlog.get_logger(__name__)


class BacklogMetrics:
    """Gauges of pending executions and approvals; no value while the database is unavailable.

    Args:
        store: counts them.
        seconds: between two counts.
    """

    def __init__(self, store: PostgresBacklogStore, seconds: float = _COUNT_SECONDS) -> None:
        self._store = store
        self._seconds = seconds
        self._seen: Backlog | None = None
        meter = metrics.get_meter(__name__)

        def show(name: str, unit: str, description: str, read: Callable[[Backlog], float]) -> None:
            def observe(_options: CallbackOptions) -> Iterable[Observation]:
                seen = self._seen
                return [] if seen is None else [Observation(read(seen))]

            meter.create_observable_gauge(name, [observe], unit, description)

        show(
            "ichor.relay.waiting",
            "{execution}",
            "Accepted executions whose workflow has not been started.",
            lambda seen: seen.dispatches,
        )
        show(
            "ichor.relay.oldest.age",
            "s",
            "Age of the oldest execution whose workflow has not been started.",
            lambda seen: seen.oldest_dispatch_seconds,
        )
        show(
            "ichor.approval.open",
            "{approval}",
            "Approvals that are pending.",
            lambda seen: seen.approvals,
        )
        show(
            "ichor.approval.oldest.age",
            "s",
            "Age of the oldest pending approval.",
            lambda seen: seen.oldest_approval_seconds,
        )
        show(
            "ichor.approval.overdue",
            "{approval}",
            "Pending approvals whose deadline has passed.",
            lambda seen: seen.overdue_approvals,
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Count now and then until told to stop."""
        await self.count()
        while not await is_set_within(stop, self._seconds):
            await self.count()

    async def count(self) -> None:
        """Count once."""
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                self._seen = await self._store.count()
        except (*DATABASE_ERRORS, TimeoutError) as error:
            self._seen = None
            _logger.warning("Cannot count pending work", reason=str(error))
