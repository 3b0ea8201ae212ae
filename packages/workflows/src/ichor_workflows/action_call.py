"""Starts the activity of one action, as its type's policy says."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

from ichor_core.action_type import ActionPolicy
from ichor_core.contract import (
    EXECUTE_ACTION_ACTIVITY,
    ActionActivityInput,
    ActionActivityOutput,
)
from ichor_core.limits import Limits

MAX_SUMMARY_BYTES = 200
LOCAL_RETRY_THRESHOLD = timedelta(seconds=10)
"""A longer wait for the next attempt of a local activity becomes a timer on the server."""


def summary_of(name: str) -> str:
    """Return the name cut to what the server accepts as a summary."""
    return name.encode()[:MAX_SUMMARY_BYTES].decode(errors="ignore")


async def call_action(
    call: ActionActivityInput, policy: ActionPolicy, own_limits: Limits | None
) -> ActionActivityOutput:
    """Run the action's activity and return its output.

    Raises:
        temporalio.exceptions.FailureError: it failed after its retries, or was cancelled; the cause
            itself for a local activity, else in an ActivityError.
    """
    limits = policy.limits_for(own_limits)
    retry = _retry_policy(limits)
    if policy.kind == "local":
        return await workflow.execute_local_activity(
            EXECUTE_ACTION_ACTIVITY,
            call,
            result_type=ActionActivityOutput,
            start_to_close_timeout=_seconds(limits.start_to_close),
            retry_policy=retry,
            local_retry_threshold=LOCAL_RETRY_THRESHOLD,
            cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
            summary=summary_of(call.action_name),
        )
    return await workflow.execute_activity(
        EXECUTE_ACTION_ACTIVITY,
        call,
        activity_id=call.action_id,
        result_type=ActionActivityOutput,
        start_to_close_timeout=_seconds(limits.start_to_close),
        heartbeat_timeout=_seconds(limits.heartbeat),
        retry_policy=retry,
        cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
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
