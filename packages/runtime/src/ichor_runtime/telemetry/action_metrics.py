"""How long attempts of actions take, and what became of them."""

import asyncio
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Literal

from opentelemetry import metrics
from temporalio import activity
from temporalio.exceptions import ApplicationError

from ichor_core import telemetry as names
from ichor_core.contract import OPEN_APPROVAL_ACTIVITY, ActionActivityInput
from ichor_runtime.telemetry.buckets import LONG

AttemptOutcome = Literal["completed", "requested", "retried", "failed", "cancelled", "interrupted"]
"""`requested`: another system or people will end it. `retried`: it failed, and is tried again.
`interrupted`: it took too long, or the worker stopped, and whether it is tried again Temporal
decides."""

_attempts = metrics.get_meter(__name__).create_histogram(
    "ichor.action.attempt.duration",
    "s",
    "How long one attempt of an action ran in a worker.",
    explicit_bucket_boundaries_advisory=LONG,
)


@contextmanager
def measured_attempt(action: ActionActivityInput | None) -> Generator[None]:
    """Measure an attempt; None is no action, and not measured."""
    if action is None:
        yield
        return
    began = time.perf_counter()
    error: BaseException | None = None
    try:
        yield
    except BaseException as raised:
        error = raised
        raise
    finally:
        values = {
            names.ACTION_TYPE: action.action_type,
            names.OUTCOME: attempt_outcome(error, activity.info(), activity.cancellation_details()),
        }
        _attempts.record(time.perf_counter() - began, values)


def attempt_outcome(
    error: BaseException | None,
    info: activity.Info,
    cancellation: activity.ActivityCancellationDetails | None = None,
) -> AttemptOutcome:
    """Return what became of an attempt.

    Args:
        error: what it raised.
        info: of its activity.
        cancellation: why it was cancelled, if it was.
    """
    if isinstance(error, asyncio.CancelledError):
        requested = cancellation is None or cancellation.cancel_requested
        return "cancelled" if requested else "interrupted"
    if isinstance(error, Exception):
        return "retried" if _is_retried(error, info) else "failed"
    # What is raised in order to complete it from outside is no exception for anybody to catch.
    if error is not None or info.activity_type == OPEN_APPROVAL_ACTIVITY:
        return "requested"
    return "completed"


def _is_retried(error: Exception, info: activity.Info) -> bool:
    policy = info.retry_policy
    if isinstance(error, ApplicationError):
        if error.non_retryable:
            return False
        if policy is not None and error.type in (policy.non_retryable_error_types or ()):
            return False
    return policy is None or not 0 < policy.maximum_attempts <= info.attempt
