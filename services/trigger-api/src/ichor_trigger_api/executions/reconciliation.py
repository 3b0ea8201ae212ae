"""Corrects executions whose workflow ended without a report: terminated, timed out, lost."""

import asyncio
from datetime import UTC, datetime

import structlog
from msgspec.structs import replace

from ichor_core.contract import TERMINAL_STATUSES, ActionState, ExecutionRecord, FailureInfo
from ichor_core.ids import ExecutionId
from ichor_edgestore.executions import Execution, ExecutionFilter
from ichor_runtime.telemetry import note_end
from ichor_trigger_api.executions.observation import (
    Ended,
    LiveState,
    NoWorkflow,
    TemporalAwayError,
    last_states,
    observe,
)
from ichor_trigger_api.parts import DATABASE_ERRORS, Parts

SWEEP_PAGE = 100
_IN_FLIGHT = 10

_logger = structlog.get_logger(__name__)


async def look_at(parts: Parts, execution: Execution) -> LiveState | None:
    """Ask the workflow of a running execution, and record its end if it ended without a report.

    Returns:
        Its state; None if it has ended, and what is stored now says how.

    Raises:
        TemporalAwayError: Temporal or its workers do not answer.
    """
    workflow_id = execution.workflow_id
    if workflow_id is None:
        raise TemporalAwayError("only reports of this execution are known, not its workflow")
    seen = await observe(parts.client, workflow_id)
    if isinstance(seen, LiveState):
        return seen
    # The report is stored before the workflow ends, so what is missing now will not come.
    stored = (await parts.executions.get(execution.id)).execution
    if stored.status not in TERMINAL_STATUSES:
        await _record_end(parts, stored, workflow_id, seen)
    return None


async def _record_end(
    parts: Parts, execution: Execution, workflow_id: str, seen: Ended | NoWorkflow
) -> None:
    states: list[ActionState] = []
    if isinstance(seen, NoWorkflow):
        lost = FailureInfo("Temporal does not know the workflow any more", "WorkflowLost")
        seen = Ended("failed", lost, [], datetime.now(UTC))
    else:
        try:
            states = await last_states(parts.client, workflow_id)
        except TemporalAwayError as error:
            _logger.warning(
                "Action states of an ended execution are lost",
                execution_id=execution.id,
                reason=str(error),
            )
    report = ExecutionRecord(
        execution_id=execution.id,
        status=seen.status,
        started_at=execution.started_at or execution.created_at,
        finished_at=seen.finished_at,
        error=seen.error,
        failures=seen.failures,
        actions=[_ended(state, seen) for state in states],
        runs=execution.runs,
    )
    await parts.executions.record(report)
    note_end(report)
    _logger.warning(
        "Execution ended without a report", execution_id=execution.id, status=seen.status
    )


def _ended(state: ActionState, end: Ended) -> ActionState:
    """Return the state of an action in a workflow that ended: nothing runs there any more."""
    if state.status != "running":
        return state
    cause = end.error or FailureInfo("the workflow ended")
    error = FailureInfo(cause.message, cause.type, state.action_id)
    return replace(state, status="failed", finished_at=end.finished_at, error=error)


class Sweeper:
    """Looks at all running executions, a page at a time.

    Args:
        parts: the stores, and the client.
        seconds: between two pages.
    """

    def __init__(self, parts: Parts, seconds: float) -> None:
        self._parts = parts
        self._seconds = seconds
        self._cursor: str | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Sweep until told to stop."""
        while not await is_set_within(stop, self._seconds):
            try:
                await self.sweep()
            except (*DATABASE_ERRORS, TemporalAwayError) as error:
                _logger.warning("Executions cannot be looked at now", reason=str(error))

    async def sweep(self) -> list[ExecutionId]:
        """Look at the next page, from the start again behind the last one.

        Returns:
            Those that had ended without a report.

        Raises:
            TemporalAwayError: the server does not answer.
        """
        running = ExecutionFilter(statuses=("running",))
        page = await self._parts.executions.list(running, self._cursor, SWEEP_PAGE)
        self._cursor = page.next_cursor
        gate = asyncio.Semaphore(_IN_FLIGHT)

        async def ended(execution: Execution) -> bool:
            async with gate:
                try:
                    return await look_at(self._parts, execution) is None
                except TemporalAwayError:
                    return False

        results = await asyncio.gather(*(ended(execution) for execution in page.items))
        return [execution.id for execution, done in zip(page.items, results, strict=True) if done]


async def is_set_within(event: asyncio.Event, seconds: float) -> bool:
    """Wait for an event, so long at most; say whether it is set."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True
