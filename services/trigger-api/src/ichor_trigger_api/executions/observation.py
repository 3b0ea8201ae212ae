"""Asks Temporal what an execution is doing, or how it ended."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct, field
from temporalio.api.errordetails.v1 import NamespaceNotFoundFailure
from temporalio.client import (
    Client,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowQueryFailedError,
)
from temporalio.exceptions import (
    ApplicationError,
    CancelledError,
    TemporalError,
    TerminatedError,
    TimeoutError,
)
from temporalio.service import RPCError, RPCStatusCode

from ichor_core.contract import (
    EXECUTION_STATE_QUERY,
    ActionState,
    ExecutionState,
    ExecutionStatus,
    FailureInfo,
    WorkflowOutput,
)
from ichor_core.errors import IchorError
from ichor_core.ids import ActionId

CALL_SECONDS = 3.0
MAX_REASON = 300


class TemporalAwayError(IchorError, RuntimeError):
    """Temporal or its workers do not answer; the text says how."""


class PendingActivity(Struct, frozen=True):
    """An action that is being tried, as the server sees it."""

    attempt: int
    last_failure: str
    """Why the attempt before failed; empty at the first one."""


class LiveState(Struct, frozen=True):
    """What the workflow of an execution, and those of its branches, say of themselves."""

    actions: dict[ActionId, ActionState] = field(default_factory=dict[ActionId, ActionState])
    pending: dict[ActionId, PendingActivity] = field(
        default_factory=dict[ActionId, PendingActivity]
    )
    status: ExecutionStatus = "running"
    runs: int = 1


class Ended(Struct, frozen=True):
    """How a workflow ended."""

    status: ExecutionStatus
    error: FailureInfo | None
    failures: list[FailureInfo]
    finished_at: datetime | None


class NoWorkflow(Struct, frozen=True):
    """The server knows no such workflow."""


async def observe(client: Client, workflow_id: str) -> LiveState | Ended | NoWorkflow:
    """Ask the workflow of an execution.

    Raises:
        TemporalAwayError: the server or the workers do not answer.
    """
    handle = _handle(client, workflow_id)
    async with _answers(client):
        try:
            description = await handle.describe(rpc_timeout=timedelta(seconds=CALL_SECONDS))
        except RPCError as error:
            if is_no_workflow(error):
                return NoWorkflow()
            raise
        if description.status == WorkflowExecutionStatus.RUNNING:
            return await _live_state(client, handle, description)
        return await _how_it_ended(handle, description)


async def last_states(client: Client, workflow_id: str) -> list[ActionState]:
    """Return the action states that a closed workflow ended with; a worker replays it for that.

    Raises:
        TemporalAwayError: the server or the workers do not answer.
    """
    async with _answers(client):
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


async def _how_it_ended(
    handle: WorkflowHandle[Any, WorkflowOutput], description: WorkflowExecutionDescription
) -> Ended:
    closed = description.close_time
    try:
        output = await handle.result(rpc_timeout=timedelta(seconds=CALL_SECONDS))
    except WorkflowFailureError as error:
        status, failure = _judge(error.cause)
        return Ended(status, failure, [], closed)
    return Ended(output.status, None, output.failures, closed)


def _judge(cause: BaseException) -> tuple[ExecutionStatus, FailureInfo]:
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


def is_no_workflow(error: RPCError) -> bool:
    """Say whether the server does not know the workflow, and not the namespace either."""
    if error.status != RPCStatusCode.NOT_FOUND:
        return False
    details = error.grpc_status.details
    return not any(detail.Is(NamespaceNotFoundFailure.DESCRIPTOR) for detail in details)


@asynccontextmanager
async def _answers(client: Client) -> AsyncGenerator[None]:
    """Turn what a call to Temporal raises into one error with a readable text."""
    try:
        yield
    except RPCError as error:
        if error.status in (RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED):
            reason = f"no worker answered within {CALL_SECONDS:g} s"
        else:
            reason = f"Temporal does not answer: {error.message[:MAX_REASON]}"
        raise TemporalAwayError(reason) from error
    except WorkflowQueryFailedError as error:
        raise TemporalAwayError(f"the workflow cannot be asked: {error}") from error
    except (TemporalError, RuntimeError) as error:
        if isinstance(error, IchorError):
            raise
        # A client that has never been connected raises a bare RuntimeError.
        raise TemporalAwayError(f"Temporal does not answer: {error}") from error
