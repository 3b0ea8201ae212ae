"""The state of an execution's workflow, or its end, as Temporal tells it."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct, field
from temporalio.client import (
    Client,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowHandle,
)
from temporalio.exceptions import (
    ApplicationError,
    CancelledError,
    TerminatedError,
    TimeoutError,
)
from temporalio.service import RPCError

from ichor_core.contract import (
    EXECUTION_STATE_QUERY,
    ActionState,
    ExecutionState,
    ExecutionStatus,
    FailureInfo,
    WorkflowOutput,
)
from ichor_core.ids import ActionId
from ichor_engine._outages import MAX_REASON, is_no_workflow, temporal_calls

CALL_SECONDS = 3.0
"""Time limit of one call to Temporal."""


class PendingActivity(Struct, frozen=True):
    """An attempt in progress, as the server sees it."""

    attempt: int
    last_failure: str
    """Error of the previous attempt; empty at the first one."""


class LiveState(Struct, frozen=True):
    """The state that a running workflow, and those of its branches, report."""

    actions: dict[ActionId, ActionState] = field(default_factory=dict[ActionId, ActionState])
    pending: dict[ActionId, PendingActivity] = field(
        default_factory=dict[ActionId, PendingActivity]
    )
    status: ExecutionStatus = "running"
    runs: int = 1


class Ended(Struct, frozen=True):
    """The end of a workflow."""

    status: ExecutionStatus
    error: FailureInfo | None
    failures: list[FailureInfo]
    finished_at: datetime | None


class NoWorkflow(Struct, frozen=True):
    """The server knows no such workflow."""


async def observe(client: Client, workflow_id: str) -> LiveState | Ended | NoWorkflow:
    """Return the state of the workflow of an execution.

    Raises:
        TemporalUnavailableError: the server or the workers do not answer.
    """
    handle = _handle(client, workflow_id)
    with temporal_calls(CALL_SECONDS):
        try:
            description = await handle.describe(rpc_timeout=timedelta(seconds=CALL_SECONDS))
        except RPCError as error:
            if is_no_workflow(error):
                return NoWorkflow()
            raise
        if description.status == WorkflowExecutionStatus.RUNNING:
            return await _live_state(client, handle, description)
        return await _end(handle, description)


async def last_states(client: Client, workflow_id: str) -> list[ActionState]:
    """Return the action states that a closed workflow ended with; a worker replays it for that.

    Raises:
        TemporalUnavailableError: the server or the workers do not answer.
    """
    with temporal_calls(CALL_SECONDS):
        return (await _query(_handle(client, workflow_id))).actions


def _handle(client: Client, workflow_id: str) -> WorkflowHandle[Any, WorkflowOutput]:
    return client.get_workflow_handle(workflow_id, result_type=WorkflowOutput)


async def _live_state(
    client: Client,
    handle: WorkflowHandle[Any, WorkflowOutput],
    description: WorkflowExecutionDescription,
) -> LiveState:
    state = await _query(handle)
    actions = {action.action_id: action for action in state.actions}
    pending = _pending(description)
    branches = await asyncio.gather(
        *(observe(client, workflow_id) for workflow_id in state.branches.values())
    )
    for branch in branches:
        if isinstance(branch, LiveState):  # a branch that has just ended has recorded itself
            actions.update(branch.actions)
            pending.update(branch.pending)
    return LiveState(actions, pending, state.status, state.runs)


async def _query(handle: WorkflowHandle[Any, WorkflowOutput]) -> ExecutionState:
    return await handle.query(
        EXECUTION_STATE_QUERY,
        result_type=ExecutionState,
        rpc_timeout=timedelta(seconds=CALL_SECONDS),
    )


def _pending(description: WorkflowExecutionDescription) -> dict[ActionId, PendingActivity]:
    return {
        ActionId(activity.activity_id): PendingActivity(
            activity.attempt, activity.last_failure.message[:MAX_REASON]
        )
        for activity in description.raw_description.pending_activities
    }


async def _end(
    handle: WorkflowHandle[Any, WorkflowOutput], description: WorkflowExecutionDescription
) -> Ended:
    closed = description.close_time
    try:
        output = await handle.result(rpc_timeout=timedelta(seconds=CALL_SECONDS))
    except WorkflowFailureError as error:
        status, failure = _status_and_failure(error.cause)
        return Ended(status, failure, [], closed)
    return Ended(output.status, None, output.failures, closed)


def _status_and_failure(cause: BaseException) -> tuple[ExecutionStatus, FailureInfo]:
    match cause:
        case CancelledError():
            return "cancelled", FailureInfo("the execution was cancelled", "Cancelled")
        case TimeoutError():
            return "timed_out", FailureInfo("the workflow ran out of time", "TimedOut")
        case TerminatedError():
            return "failed", FailureInfo(
                f"the workflow was terminated: {cause.message or 'no reason given'}", "Terminated"
            )
        case ApplicationError():
            return "failed", FailureInfo(cause.message, cause.type or "Error")
        case _:
            return "failed", FailureInfo(str(cause), type(cause).__name__)
