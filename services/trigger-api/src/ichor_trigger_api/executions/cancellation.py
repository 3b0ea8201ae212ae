"""Cancels executions, whether they wait, run, or are being started at this moment."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

from temporalio.client import WorkflowExecutionStatus
from temporalio.exceptions import TemporalError
from temporalio.service import RPCError

from ichor_core.contract import TERMINAL_STATUSES, ExecutionStatus, FailureInfo
from ichor_core.ids import ExecutionId
from ichor_edgestore.executions import Execution
from ichor_runtime.telemetry import count_end
from ichor_trigger_api.executions.observation import CALL_SECONDS, TemporalAwayError, is_no_workflow
from ichor_trigger_api.executions.reconciliation import look_at
from ichor_trigger_api.http.problems import ProblemError
from ichor_trigger_api.parts import Parts

CANCELLED = FailureInfo("cancelled before it was started", "Cancelled")


async def cancel(parts: Parts, execution_id: ExecutionId) -> ExecutionStatus:
    """Cancel an execution and return its status; doing it again changes nothing.

    Raises:
        NotFoundError: there is none.
        ProblemError: 409 where it has ended otherwise, 503 where Temporal is away.
    """
    execution = (await parts.executions.get(execution_id)).execution
    if execution.status == "pending" and await _cancel_pending(parts, execution):
        return "cancelled"
    execution = (await parts.executions.get(execution_id)).execution
    if execution.status == "cancelled":
        return "cancelled"
    if execution.status in TERMINAL_STATUSES:
        raise _has_ended(execution)
    if not await _cancel_workflow(parts, execution):
        return await _end_of(parts, execution)
    return execution.status


async def _cancel_pending(parts: Parts, execution: Execution) -> bool:
    """Cancel one that nobody has started yet; say whether it was one.

    A relay that is just starting it looks at the status afterwards, so one of the two cancels.
    """
    if not await parts.executions.set_status(execution.id, "cancelled", CANCELLED):
        return False
    count_end("cancelled", execution.created_at, datetime.now(UTC))
    await parts.dispatches.mark_failed(execution.id, CANCELLED)
    # Where Temporal is away, no relay is starting it; the next one sees the status.
    with suppress(ProblemError):
        await _cancel_workflow(parts, execution)
    return True


async def _cancel_workflow(parts: Parts, execution: Execution) -> bool:
    """Ask the workflow to end; say whether it was still running, as far as one can tell."""
    if execution.workflow_id is None:
        raise ProblemError(409, "conflict", "only reports of this execution are known")
    handle = parts.client.get_workflow_handle(execution.workflow_id)
    in_time = timedelta(seconds=CALL_SECONDS)
    try:
        await handle.cancel(rpc_timeout=in_time)
        # The server takes the request also where the workflow has ended.
        description = await handle.describe(rpc_timeout=in_time)
    except RPCError as error:
        if is_no_workflow(error):
            return False
        raise _away(error.message) from error
    except (TemporalError, RuntimeError) as error:
        raise _away(str(error)) from error
    return description.status == WorkflowExecutionStatus.RUNNING


async def _end_of(parts: Parts, execution: Execution) -> ExecutionStatus:
    """Find out how an execution ended whose workflow does not run any more."""
    try:
        await look_at(parts, execution)
    except TemporalAwayError as error:
        raise _away(str(error)) from error
    ended = (await parts.executions.get(execution.id)).execution
    if ended.status == "cancelled":
        return "cancelled"
    raise _has_ended(ended)


def _has_ended(execution: Execution) -> ProblemError:
    return ProblemError(
        409, "already-ended", f"execution {execution.id} has ended already: {execution.status}"
    )


def _away(reason: str) -> ProblemError:
    return ProblemError(
        503,
        "unavailable",
        f"Temporal cannot be told to cancel it now, try again: {reason}",
        (),
        {"Retry-After": "5"},
    )
