"""Corrects executions whose workflow ended without a record: terminated, timed out, lost."""

import asyncio
from datetime import UTC, datetime

import structlog
from msgspec.structs import replace
from temporalio.client import Client

from ichor_core.contract import TERMINAL_STATUSES, ActionState, ExecutionRecord, FailureInfo
from ichor_core.errors import ConflictError
from ichor_core.ids import ExecutionId
from ichor_edgestore.database import DATABASE_ERRORS
from ichor_edgestore.executions import Execution, ExecutionFilter, PostgresExecutionStore
from ichor_engine.errors import TemporalUnavailableError
from ichor_engine.executions.observation import (
    Ended,
    LiveState,
    NoWorkflow,
    last_states,
    observe,
)
from ichor_runtime.shutdown import is_set_within
from ichor_runtime.telemetry import note_end

_PAGE = 100
_IN_FLIGHT = 10

_logger = structlog.get_logger(__name__)


class Reconciler:
    """Holds a running execution against its workflow.

    Args:
        executions: the stored executions.
        client: asks the workflows.
    """

    def __init__(self, executions: PostgresExecutionStore, client: Client) -> None:
        self._executions = executions
        self._client = client

    async def reconcile(self, execution: Execution) -> LiveState | None:
        """Ask the workflow of a running execution; if it ended without a record, store its end.

        Returns:
            Its state; None if it has ended, and storage says how.

        Raises:
            ConflictError: the execution has no workflow that is known.
            TemporalUnavailableError: Temporal or its workers do not answer.
        """
        workflow_id = workflow_of(execution)
        seen = await observe(self._client, workflow_id)
        if isinstance(seen, LiveState):
            return seen
        # A workflow records its end before it ends, so a record missing now will not come.
        stored = (await self._executions.get(execution.id)).execution
        if stored.status not in TERMINAL_STATUSES:
            await self._record_end(stored, workflow_id, seen)
        return None

    async def _record_end(
        self, execution: Execution, workflow_id: str, seen: Ended | NoWorkflow
    ) -> None:
        states: list[ActionState] = []
        if isinstance(seen, NoWorkflow):
            lost = FailureInfo("Temporal does not know the workflow any more", "WorkflowLost")
            seen = Ended("failed", lost, [], datetime.now(UTC))
        else:
            try:
                states = await last_states(self._client, workflow_id)
            except TemporalUnavailableError as error:
                _logger.warning(
                    "Cannot read action states of an ended workflow",
                    execution_id=execution.id,
                    reason=str(error),
                )
        record = ExecutionRecord(
            execution_id=execution.id,
            status=seen.status,
            started_at=execution.started_at or execution.created_at,
            finished_at=seen.finished_at,
            error=seen.error,
            failures=seen.failures,
            actions=[_ended(state, seen) for state in states],
            runs=execution.runs,
        )
        await self._executions.record(record)
        note_end(record)
        _logger.warning(
            "Execution ended without a record", execution_id=execution.id, status=seen.status
        )


class Sweeper:
    """Reconciles all running executions, a page at a time.

    Args:
        executions: the stored executions.
        reconciler: holds each against its workflow.
        seconds: between two pages.
    """

    def __init__(
        self, executions: PostgresExecutionStore, reconciler: Reconciler, seconds: float
    ) -> None:
        self._executions = executions
        self._reconciler = reconciler
        self._seconds = seconds
        self._cursor: str | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Sweep until told to stop."""
        while not await is_set_within(stop, self._seconds):
            try:
                await self.sweep()
            except DATABASE_ERRORS as error:
                _logger.warning("Cannot reconcile executions", reason=str(error))

    async def sweep(self) -> list[ExecutionId]:
        """Reconcile the next page; after the last page, the first again.

        Returns:
            Those that had ended without a record.
        """
        running = ExecutionFilter(statuses=("running",))
        page = await self._executions.list(running, self._cursor, _PAGE)
        self._cursor = page.next_cursor
        gate = asyncio.Semaphore(_IN_FLIGHT)

        async def has_ended(execution: Execution) -> bool:
            async with gate:
                try:
                    return await self._reconciler.reconcile(execution) is None
                except (ConflictError, TemporalUnavailableError):
                    return False

        results = await asyncio.gather(*(has_ended(execution) for execution in page.items))
        return [execution.id for execution, done in zip(page.items, results, strict=True) if done]


def workflow_of(execution: Execution) -> str:
    """Return the id of the workflow of an execution.

    Raises:
        ConflictError: another system started it, and only records of it are known.
    """
    if execution.workflow_id is None:
        raise ConflictError(f"execution {execution.id} was not started through this API")
    return execution.workflow_id


def _ended(state: ActionState, end: Ended) -> ActionState:
    """Return the state of an action in a workflow that ended: nothing runs there any more."""
    if state.status != "running":
        return state
    cause = end.error or FailureInfo("the workflow ended")
    error = FailureInfo(cause.message, cause.type, state.action_id)
    return replace(state, status="failed", finished_at=end.finished_at, error=error)
