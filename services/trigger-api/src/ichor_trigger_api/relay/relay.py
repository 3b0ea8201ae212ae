"""Starts the workflows of accepted events, and never loses or doubles one.

Any number of relays may run. Each leases dispatches from the queue; what one of them drops comes
back when its lease runs out, and a workflow that was started already counts as started.
"""

import asyncio
import random
import time
from datetime import UTC, datetime, timedelta

import structlog
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from ichor_core.contract import EXECUTE_GRAPH_WORKFLOW, TASK_QUEUE, FailureInfo
from ichor_core.errors import IchorError
from ichor_edgestore.events import DispatchJob
from ichor_runtime.telemetry import count_end
from ichor_trigger_api.parts import DATABASE_ERRORS, Parts
from ichor_trigger_api.relay.start_input import StartInputs
from ichor_trigger_api.relay.start_metrics import note_start
from ichor_trigger_api.relay.start_span import note_error, start_span

LEASE_SECONDS = 30.0
START_SECONDS = 5.0
POLL_SECONDS = 1.0
FIRST_DELAY_SECONDS = 0.5
LONGEST_DELAY_SECONDS = 30.0
MAX_SUMMARY_BYTES = 200
MAX_REASON = 1_000

_logger = structlog.get_logger(__name__)


class Relay:
    """Takes dispatches and starts their workflows.

    Args:
        parts: the stores, the client, and the event that says that there is something to do.
        concurrency: starts at a time.
        poll_seconds: how often to look without having been woken.
    """

    def __init__(
        self, parts: Parts, *, concurrency: int = 20, poll_seconds: float = POLL_SECONDS
    ) -> None:
        self._parts = parts
        self._inputs = StartInputs(parts)
        self._concurrency = concurrency
        self._poll_seconds = poll_seconds
        self._starting: set[asyncio.Task[None]] = set()

    async def run(self, stop: asyncio.Event) -> None:
        """Start workflows until told to stop; those that are being started then are finished."""
        stopping = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                self._parts.wake.clear()
                taken = await self._take()
                if taken == 0 or len(self._starting) >= self._concurrency:
                    await self._wait(stopping, idle=taken == 0)
        finally:
            stopping.cancel()
            if self._starting:
                await asyncio.wait(self._starting)

    async def start_due(self) -> int:
        """Start everything that is due now, wait for it, and say how much it was."""
        total = 0
        while taken := await self._take():
            total += taken
            await asyncio.wait(self._starting)
        return total

    async def _take(self) -> int:
        free = self._concurrency - len(self._starting)
        try:
            jobs = await self._parts.dispatches.lease(free, LEASE_SECONDS) if free > 0 else []
        except DATABASE_ERRORS as error:
            _logger.warning("Dispatches cannot be read now", reason=str(error))
            return 0
        for job in jobs:
            task = asyncio.create_task(self._start(job))
            self._starting.add(task)
            task.add_done_callback(self._starting.discard)
        return len(jobs)

    async def _wait(self, stopping: asyncio.Task[bool], *, idle: bool) -> None:
        """Wait until there may be something to take: a free place, an event, or time."""
        waking = asyncio.create_task(self._parts.wake.wait())
        tasks: set[asyncio.Task[bool] | asyncio.Task[None]] = {stopping}
        if len(self._starting) < self._concurrency:
            tasks.add(waking)
        if not idle or len(self._starting) >= self._concurrency:
            tasks |= self._starting
        await asyncio.wait(tasks, timeout=self._poll_seconds, return_when=asyncio.FIRST_COMPLETED)
        waking.cancel()

    async def _start(self, job: DispatchJob) -> None:
        with structlog.contextvars.bound_contextvars(
            execution_id=job.execution_id, rule_id=job.rule_id
        ):
            try:
                await self._start_or_note(job)
            except DATABASE_ERRORS as error:
                # The lease runs out, and the dispatch is taken again.
                _logger.warning("The database cannot be used now", reason=str(error))

    async def _start_or_note(self, job: DispatchJob) -> None:
        began = time.perf_counter()
        with start_span(job) as span:
            try:
                await self._start_workflow(job)
                await self._cancel_if_wanted(job)
            except Exception as error:  # whatever it is: it is kept where users see it
                note_start(time.perf_counter() - began, error)
                note_error(span, error)
                await self._note(job, error)
                return
            note_start(time.perf_counter() - began)
            _logger.info("Workflow started", workflow_id=job.workflow_id)
        await self._parts.dispatches.mark_started(job.execution_id)

    async def _start_workflow(self, job: DispatchJob) -> None:
        try:
            await self._parts.client.start_workflow(
                EXECUTE_GRAPH_WORKFLOW,
                await self._inputs.make(job),
                id=job.workflow_id,
                task_queue=TASK_QUEUE,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
                static_summary=job.rule_name.encode()[:MAX_SUMMARY_BYTES].decode(errors="ignore"),
                memo={"rule_id": job.rule_id, "execution_id": job.execution_id},
                rpc_timeout=timedelta(seconds=START_SECONDS),
            )
        except WorkflowAlreadyStartedError:
            _logger.info("Workflow was started before", workflow_id=job.workflow_id)

    async def _cancel_if_wanted(self, job: DispatchJob) -> None:
        """Cancel a workflow whose execution was cancelled while it was being started."""
        stored = await self._parts.executions.get(job.execution_id)
        if stored.execution.status == "cancelled":
            await self._parts.client.get_workflow_handle(job.workflow_id).cancel(
                rpc_timeout=timedelta(seconds=START_SECONDS)
            )

    async def _note(self, job: DispatchJob, error: Exception) -> None:
        if isinstance(error, RPCError) and error.status == RPCStatusCode.INVALID_ARGUMENT:
            _logger.error("Workflow is refused", reason=error.message)
            refused = FailureInfo(f"Temporal refuses the workflow: {error.message}", "StartRefused")
            await self._parts.dispatches.mark_failed(job.execution_id, refused)
            count_end("failed", job.created_at, datetime.now(UTC))
            return
        delay = retry_delay(job.attempts)
        is_expected = isinstance(error, IchorError | RPCError | RuntimeError | OSError)
        _logger.warning(
            "Workflow cannot be started yet",
            reason=str(error),
            attempts=job.attempts,
            delay_seconds=round(delay, 2),
            exc_info=None if is_expected else error,
        )
        reason = str(error) or type(error).__name__
        await self._parts.dispatches.mark_retry(job.execution_id, reason[:MAX_REASON], delay)


def retry_delay(attempts: int) -> float:
    """Return how long to wait after so many attempts, in seconds: longer each time, scattered."""
    longest = min(LONGEST_DELAY_SECONDS, FIRST_DELAY_SECONDS * 2 ** min(attempts - 1, 20))
    return longest * random.uniform(0.5, 1)  # noqa: S311 - scatters, protects nothing
