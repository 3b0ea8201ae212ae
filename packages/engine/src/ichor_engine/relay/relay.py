"""Starts the workflow of each accepted execution, exactly once.

Any number of relays may run. Each leases dispatches from the queue; a dispatch that one of them
drops comes back when its lease runs out, and a workflow that runs already counts as started.
"""

import asyncio
import random
import time
from datetime import UTC, datetime, timedelta

import structlog
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from ichor_core.contract import EXECUTE_GRAPH_WORKFLOW, TASK_QUEUE, FailureInfo, summary_of
from ichor_core.errors import IchorError
from ichor_edgestore.database import DATABASE_ERRORS
from ichor_edgestore.events import Dispatch, PostgresDispatchQueue
from ichor_edgestore.executions import PostgresExecutionStore
from ichor_engine.relay.start_input import StartInputs
from ichor_engine.relay.start_metrics import note_start
from ichor_engine.relay.start_span import note_error, start_span
from ichor_runtime.telemetry import count_end

LONGEST_DELAY_SECONDS = 30.0
_LEASE_SECONDS = 30.0
_START_SECONDS = 5.0
_POLL_SECONDS = 1.0
_FIRST_DELAY_SECONDS = 0.5
_MAX_REASON = 1_000

_logger = structlog.get_logger(__name__)


class Relay:
    """Takes dispatches from the queue and starts their workflows.

    Args:
        dispatches: the queue.
        executions: says whether an execution was cancelled while it was being started.
        inputs: makes the input of each workflow.
        client: starts it.
        wake: set when this process has accepted an event; None: the relay only polls.
        concurrency: starts at a time.
        poll_seconds: between two looks at the queue, unless woken.
    """

    def __init__(  # noqa: PLR0913 - each is used
        self,
        *,
        dispatches: PostgresDispatchQueue,
        executions: PostgresExecutionStore,
        inputs: StartInputs,
        client: Client,
        wake: asyncio.Event | None = None,
        concurrency: int = 20,
        poll_seconds: float = _POLL_SECONDS,
    ) -> None:
        self._dispatches = dispatches
        self._executions = executions
        self._inputs = inputs
        self._client = client
        self._wake = wake or asyncio.Event()
        self._concurrency = concurrency
        self._poll_seconds = poll_seconds
        self._starting: set[asyncio.Task[None]] = set()

    async def run(self, stop: asyncio.Event) -> None:
        """Start workflows until told to stop; then finish the starts in progress."""
        stopping = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                self._wake.clear()
                taken = await self._take()
                if taken == 0 or len(self._starting) >= self._concurrency:
                    await self._wait(stopping, idle=taken == 0)
        finally:
            stopping.cancel()
            if self._starting:
                await asyncio.wait(self._starting)

    async def start_due(self) -> int:
        """Start everything that is due now, wait for it, and return the number of attempts."""
        total = 0
        while taken := await self._take():
            total += taken
            await asyncio.wait(self._starting)
        return total

    async def _take(self) -> int:
        free = self._concurrency - len(self._starting)
        try:
            leased = await self._dispatches.lease(free, _LEASE_SECONDS) if free > 0 else []
        except DATABASE_ERRORS as error:
            _logger.warning("Cannot read dispatches", reason=str(error))
            return 0
        for dispatch in leased:
            task = asyncio.create_task(self._start(dispatch))
            self._starting.add(task)
            task.add_done_callback(self._starting.discard)
        return len(leased)

    async def _wait(self, stopping: asyncio.Task[bool], *, idle: bool) -> None:
        """Wait until there may be something to take: a free place, an event, or time."""
        waking = asyncio.create_task(self._wake.wait())
        tasks: set[asyncio.Task[bool] | asyncio.Task[None]] = {stopping}
        if len(self._starting) < self._concurrency:
            tasks.add(waking)
        if not idle or len(self._starting) >= self._concurrency:
            tasks |= self._starting
        await asyncio.wait(tasks, timeout=self._poll_seconds, return_when=asyncio.FIRST_COMPLETED)
        waking.cancel()

    async def _start(self, dispatch: Dispatch) -> None:
        with structlog.contextvars.bound_contextvars(
            execution_id=dispatch.execution_id, rule_id=dispatch.rule_id
        ):
            try:
                await self._start_or_note(dispatch)
            except DATABASE_ERRORS as error:
                # The lease runs out, and the dispatch is taken again.
                _logger.warning("Cannot update dispatch", reason=str(error))

    async def _start_or_note(self, dispatch: Dispatch) -> None:
        began = time.perf_counter()
        with start_span(dispatch) as span:
            try:
                await self._start_workflow(dispatch)
                await self._cancel_if_wanted(dispatch)
            except Exception as error:  # any: the dispatch keeps it, where users see it
                note_start(time.perf_counter() - began, error)
                note_error(span, error)
                await self._note(dispatch, error)
                return
            note_start(time.perf_counter() - began)
            _logger.info("Workflow started", workflow_id=dispatch.workflow_id)
        await self._dispatches.mark_started(dispatch.execution_id)

    async def _start_workflow(self, dispatch: Dispatch) -> None:
        try:
            await self._client.start_workflow(
                EXECUTE_GRAPH_WORKFLOW,
                await self._inputs.make(dispatch),
                id=dispatch.workflow_id,
                task_queue=TASK_QUEUE,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
                static_summary=summary_of(dispatch.rule_name),
                memo={"rule_id": dispatch.rule_id, "execution_id": dispatch.execution_id},
                rpc_timeout=timedelta(seconds=_START_SECONDS),
            )
        except WorkflowAlreadyStartedError:
            _logger.info("Workflow was started before", workflow_id=dispatch.workflow_id)

    async def _cancel_if_wanted(self, dispatch: Dispatch) -> None:
        """Cancel a workflow whose execution was cancelled while it was being started."""
        stored = await self._executions.get(dispatch.execution_id)
        if stored.execution.status == "cancelled":
            await self._client.get_workflow_handle(dispatch.workflow_id).cancel(
                rpc_timeout=timedelta(seconds=_START_SECONDS)
            )

    async def _note(self, dispatch: Dispatch, error: Exception) -> None:
        if isinstance(error, RPCError) and error.status == RPCStatusCode.INVALID_ARGUMENT:
            _logger.error("Workflow refused", reason=error.message)
            refused = FailureInfo(f"Temporal refuses the workflow: {error.message}", "StartRefused")
            await self._dispatches.mark_failed(dispatch.execution_id, refused)
            count_end("failed", dispatch.created_at, datetime.now(UTC))
            return
        delay = retry_delay(dispatch.attempts)
        is_expected = isinstance(error, IchorError | RPCError | RuntimeError | OSError)
        _logger.warning(
            "Cannot start workflow",
            reason=str(error),
            attempts=dispatch.attempts,
            delay_seconds=round(delay, 2),
            exc_info=None if is_expected else error,
        )
        reason = str(error) or type(error).__name__
        await self._dispatches.mark_retry(dispatch.execution_id, reason[:_MAX_REASON], delay)


def retry_delay(attempts: int) -> float:
    """Return the seconds to wait after this many attempts: longer each time, with jitter."""
    longest = min(LONGEST_DELAY_SECONDS, _FIRST_DELAY_SECONDS * 2 ** min(attempts - 1, 20))
    return longest * random.uniform(0.5, 1)  # noqa: S311 - jitter, protects nothing
