"""Calls of the activities that run one action.

A call ends with `StorageUnavailable` as soon as our own storage is away, because such an attempt
does not count: the caller waits, and calls again with the count of attempts that failed before.
"""

from datetime import timedelta
from typing import TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy

from ichor_core.contract import (
    EXECUTE_ACTION_ACTIVITY,
    EXECUTE_ASYNC_ACTION_ACTIVITY,
    OPEN_APPROVAL_ACTIVITY,
    STORAGE_UNAVAILABLE,
    ActionActivityInput,
    ActionActivityOutput,
    Approval,
    summary_of,
)
from ichor_core.limits import Limits

LOCAL_RETRY_THRESHOLD = timedelta(seconds=10)
"""A longer wait for the next attempt of a local activity becomes a timer on the server."""

LOCAL_ELSEWHERE = Limits(heartbeat=10)
"""For a local action that runs in any worker: so it is noticed if that one dies."""

_WAIT_CANCELLED = workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED
_TRY_CANCEL = workflow.ActivityCancellationType.TRY_CANCEL

T = TypeVar("T")


async def call_local_activity(call: ActionActivityInput, limits: Limits) -> ActionActivityOutput:
    """Run the activity of an action in this worker and return its output.

    Raises:
        temporalio.exceptions.FailureError: the cause itself, after the retries; or cancelled.
    """
    return await _call_local(EXECUTE_ACTION_ACTIVITY, call, limits, ActionActivityOutput)


async def call_activity(call: ActionActivityInput, limits: Limits) -> ActionActivityOutput:
    """Run the activity of an action in any worker and return its output.

    Raises:
        temporalio.exceptions.ActivityError: it failed after its retries, or was cancelled.
    """
    heartbeat = _seconds(limits.heartbeat)
    return await _call(EXECUTE_ACTION_ACTIVITY, call, limits, ActionActivityOutput, heartbeat)


async def wait_for_reply(call: ActionActivityInput, limits: Limits) -> ActionActivityOutput:
    """Run the activity that publishes a request, and return the output that the reply gives it.

    Raises:
        temporalio.exceptions.ActivityError: as `call_activity`.
    """
    # Nobody heartbeats for an action that is completed from outside.
    return await _call(EXECUTE_ASYNC_ACTION_ACTIVITY, call, limits, ActionActivityOutput)


async def open_approval(call: ActionActivityInput, limits: Limits, *, local: bool) -> Approval:
    """Run the activity that asks people, and return the approval to wait for.

    Raises:
        temporalio.exceptions.FailureError: as `call_local_activity`, or as `call_activity`.
    """
    if local:
        return await _call_local(OPEN_APPROVAL_ACTIVITY, call, limits, Approval)
    return await _call(OPEN_APPROVAL_ACTIVITY, call, limits, Approval)


async def _call(
    activity: str,
    call: ActionActivityInput,
    limits: Limits,
    result_type: type[T],
    heartbeat_timeout: timedelta | None = None,
) -> T:
    # An activity that waits for a reply would not notice that it is to end.
    waits_for_reply = activity == EXECUTE_ASYNC_ACTION_ACTIVITY
    return await workflow.execute_activity(
        activity,
        call,
        activity_id=call.action_id,
        result_type=result_type,
        start_to_close_timeout=_seconds(limits.start_to_close),
        heartbeat_timeout=heartbeat_timeout,
        retry_policy=_retry_policy(limits, call.failed_attempts),
        cancellation_type=_TRY_CANCEL if waits_for_reply else _WAIT_CANCELLED,
        summary=summary_of(call.action_name),
    )


async def _call_local(
    activity: str, call: ActionActivityInput, limits: Limits, result_type: type[T]
) -> T:
    return await workflow.execute_local_activity(
        activity,
        call,
        result_type=result_type,
        start_to_close_timeout=_seconds(limits.start_to_close),
        retry_policy=_retry_policy(limits, call.failed_attempts),
        local_retry_threshold=LOCAL_RETRY_THRESHOLD,
        cancellation_type=_WAIT_CANCELLED,
        summary=summary_of(call.action_name),
    )


def max_attempts_of(limits: Limits) -> int:
    """Return how often an action is tried."""
    return limits.max_attempts or 3


def _retry_policy(limits: Limits, failed: int) -> RetryPolicy:
    """Return the policy of the attempts that are left after so many have failed."""
    first = limits.initial_interval or 1
    longest = max(limits.max_interval or 60, first)
    backoff = limits.backoff or 2
    for _ in range(failed):
        first = min(first * backoff, longest)
    return RetryPolicy(
        initial_interval=timedelta(seconds=first),
        backoff_coefficient=backoff,
        maximum_interval=timedelta(seconds=longest),
        maximum_attempts=max(max_attempts_of(limits) - failed, 1),
        non_retryable_error_types=[STORAGE_UNAVAILABLE],
    )


def _seconds(value: float | None) -> timedelta | None:
    return None if value is None else timedelta(seconds=value)
