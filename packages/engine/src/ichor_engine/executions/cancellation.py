"""Cancels executions, whether they wait, run, or are being started at this moment."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError

from ichor_core.contract import TERMINAL_STATUSES, ExecutionStatus, FailureInfo
from ichor_core.errors import ConflictError
from ichor_core.ids import ExecutionId
from ichor_edgestore.events import PostgresDispatchQueue
from ichor_edgestore.executions import Execution, PostgresExecutionStore
from ichor_engine._outages import is_no_workflow, temporal_calls
from ichor_engine.errors import ExecutionEndedError, TemporalUnavailableError
from ichor_engine.executions.observation import CALL_SECONDS
from ichor_engine.executions.reconciliation import Reconciler, workflow_of
from ichor_runtime.telemetry import count_end

_CANCELLED = FailureInfo("cancelled before it was started", "Cancelled")


class Canceller:
    """Cancels executions.

    Args:
        executions: the stored executions.
        dispatches: the queue of those that wait for their start.
        reconciler: tells the end of one whose workflow does not run any more.
        client: tells the workflows.
    """

    def __init__(
        self,
        executions: PostgresExecutionStore,
        dispatches: PostgresDispatchQueue,
        reconciler: Reconciler,
        client: Client,
    ) -> None:
        self._executions = executions
        self._dispatches = dispatches
        self._reconciler = reconciler
        self._client = client

    async def cancel(self, execution_id: ExecutionId) -> ExecutionStatus:
        """Cancel an execution and return its status; cancelling it again changes nothing.

        Raises:
            NotFoundError: there is no such execution.
            ExecutionEndedError: it has ended otherwise.
            ConflictError: it was not started through this API.
            TemporalUnavailableError: Temporal does not answer.
        """
        execution = await self._read(execution_id)
        if execution.status == "pending" and await self._cancel_pending(execution):
            return "cancelled"
        execution = await self._read(execution_id)
        if execution.status not in TERMINAL_STATUSES:
            try:
                if await self._cancel_workflow(execution):
                    return execution.status
                await self._reconciler.reconcile(execution)
            except TemporalUnavailableError as error:
                raise TemporalUnavailableError(
                    f"the execution could not be cancelled; try again: {error}"
                ) from error
            execution = await self._read(execution_id)
        if execution.status != "cancelled":
            raise ExecutionEndedError(execution.id, execution.status)
        return "cancelled"

    async def _read(self, execution_id: ExecutionId) -> Execution:
        return (await self._executions.get(execution_id)).execution

    async def _cancel_pending(self, execution: Execution) -> bool:
        """Cancel an execution that was not started yet; say whether it was one.

        A relay that is just starting it looks at the status afterwards, so one of the two cancels.
        """
        if not await self._executions.set_status(execution.id, "cancelled", _CANCELLED):
            return False
        count_end("cancelled", execution.created_at, datetime.now(UTC))
        await self._dispatches.mark_failed(execution.id, _CANCELLED)
        # Where Temporal is away, no relay is starting it; the next one sees the status.
        with suppress(ConflictError, TemporalUnavailableError):
            await self._cancel_workflow(execution)
        return True

    async def _cancel_workflow(self, execution: Execution) -> bool:
        """Ask the workflow to end; say whether it was still running, as far as one can tell."""
        handle = self._client.get_workflow_handle(workflow_of(execution))
        in_time = timedelta(seconds=CALL_SECONDS)
        with temporal_calls(CALL_SECONDS):
            try:
                await handle.cancel(rpc_timeout=in_time)
                # The server takes the request also where the workflow has ended.
                description = await handle.describe(rpc_timeout=in_time)
            except RPCError as error:
                if is_no_workflow(error):
                    return False
                raise
        return description.status == WorkflowExecutionStatus.RUNNING
