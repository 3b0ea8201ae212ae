"""Starts the activity of one action, as its type's policy says."""

from datetime import timedelta
from typing import TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy

from ichor_core.action_type import ActionPolicy
from ichor_core.contract import (
    EXECUTE_ACTION_ACTIVITY,
    EXECUTE_ASYNC_ACTION_ACTIVITY,
    OPEN_APPROVAL_ACTIVITY,
    ActionActivityInput,
    ActionActivityOutput,
    Approval,
)
from ichor_core.limits import Limits

MAX_SUMMARY_BYTES = 200
LOCAL_RETRY_THRESHOLD = timedelta(seconds=10)
"""A longer wait for the next attempt of a local activity becomes a timer on the server."""

_WAIT_CANCELLED = workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED
_TRY_CANCEL = workflow.ActivityCancellationType.TRY_CANCEL

T = TypeVar("T")


def summary_of(name: str) -> str:
    """Return the name cut to what the server accepts as a summary."""
    return name.encode()[:MAX_SUMMARY_BYTES].decode(errors="ignore")


async def call_action(
    call: ActionActivityInput, policy: ActionPolicy, own_limits: Limits | None
) -> ActionActivityOutput:
    """Run the activity of an action and return its output; of a timer, what says when to go on.

    Raises:
        temporalio.exceptions.FailureError: it failed after its retries, or was cancelled; the cause
            itself for a local activity, else in an ActivityError.
    """
    limits = policy.limits_for(own_limits)
    if policy.kind in ("local", "timer"):
        return await _call_local(EXECUTE_ACTION_ACTIVITY, call, limits, ActionActivityOutput)
    is_async = policy.kind == "async"
    return await workflow.execute_activity(
        EXECUTE_ASYNC_ACTION_ACTIVITY if is_async else EXECUTE_ACTION_ACTIVITY,
        call,
        activity_id=call.action_id,
        result_type=ActionActivityOutput,
        start_to_close_timeout=_seconds(limits.start_to_close),
        # Nobody heartbeats for an action that is completed from outside.
        heartbeat_timeout=None if is_async else _seconds(limits.heartbeat),
        retry_policy=_retry_policy(limits),
        # An activity that waits for a reply would not notice that it is to end.
        cancellation_type=_TRY_CANCEL if is_async else _WAIT_CANCELLED,
        summary=summary_of(call.action_name),
    )


async def open_approval(
    call: ActionActivityInput, policy: ActionPolicy, own_limits: Limits | None
) -> Approval:
    """Ask people, and return what they are asked.

    Raises:
        temporalio.exceptions.FailureError: as `call_action`.
    """
    limits = policy.limits_for(own_limits)
    return await _call_local(OPEN_APPROVAL_ACTIVITY, call, limits, Approval)


async def _call_local(
    activity: str, call: ActionActivityInput, limits: Limits, result_type: type[T]
) -> T:
    return await workflow.execute_local_activity(
        activity,
        call,
        result_type=result_type,
        start_to_close_timeout=_seconds(limits.start_to_close),
        retry_policy=_retry_policy(limits),
        local_retry_threshold=LOCAL_RETRY_THRESHOLD,
        cancellation_type=_WAIT_CANCELLED,
        summary=summary_of(call.action_name),
    )


def _retry_policy(limits: Limits) -> RetryPolicy:
    first = limits.initial_interval or 1
    longest = max(limits.max_interval or 60, first)
    return RetryPolicy(
        initial_interval=timedelta(seconds=first),
        backoff_coefficient=limits.backoff or 2,
        maximum_interval=timedelta(seconds=longest),
        maximum_attempts=limits.max_attempts or 3,
    )


def _seconds(value: float | None) -> timedelta | None:
    return None if value is None else timedelta(seconds=value)
