"""How much waits in the database; looked up now and then in every process that relays."""

import asyncio
from collections.abc import Callable, Iterable

import structlog
from opentelemetry import metrics
from opentelemetry.metrics import CallbackOptions, Observation

from ichor_edgestore.executions import Backlog, PostgresBacklogStore
from ichor_trigger_api.executions.reconciliation import is_set_within
from ichor_trigger_api.parts import DATABASE_ERRORS

LOOK_SECONDS = 10.0
_ANSWER_SECONDS = 5.0

_logger = structlog.get_logger(__name__)


class WaitingMetrics:
    """Gauges of what waits; while the database does not answer they have no value.

    Args:
        store: counts it.
        seconds: between two looks.
    """

    def __init__(self, store: PostgresBacklogStore, seconds: float = LOOK_SECONDS) -> None:
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
            "How long the oldest of these has waited.",
            lambda seen: seen.oldest_dispatch_seconds,
        )
        show(
            "ichor.approval.open",
            "{approval}",
            "Approvals that nobody has decided.",
            lambda seen: seen.approvals,
        )
        show(
            "ichor.approval.oldest.age",
            "s",
            "How long the oldest of these has been open.",
            lambda seen: seen.oldest_approval_seconds,
        )
        show(
            "ichor.approval.overdue",
            "{approval}",
            "Approvals that are open though their deadline has passed.",
            lambda seen: seen.overdue_approvals,
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Look until told to stop."""
        await self.look()
        while not await is_set_within(stop, self._seconds):
            await self.look()

    async def look(self) -> None:
        """Count what waits now."""
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                self._seen = await self._store.count()
        except (*DATABASE_ERRORS, TimeoutError) as error:
            self._seen = None
            _logger.warning("What waits cannot be counted now", reason=str(error))
