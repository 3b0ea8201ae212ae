"""Metrics of attempts of actions: duration and outcome."""

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
"""`requested`: another system or people will finish it. `retried`: it failed and is retried.
`interrupted`: it timed out or the worker stopped; Temporal decides whether to retry."""

_attempts = metrics.get_meter(__name__).create_histogram(
    "ichor.action.attempt.duration",
    "s",
    "Duration of one attempt of an action in a worker.",
    explicit_bucket_boundaries_advisory=LONG,
)


@contextmanager
def measured_attempt(action: ActionActivityInput | None) -> Generator[None]:
    """Measure an attempt; None is not an action, and not measured."""
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
    """Return the outcome of an attempt.

    Args:
        error: the exception that it raised, if any.
        info: of its activity.
        cancellation: the reason of its cancellation, if any.
    """
    if isinstance(error, asyncio.CancelledError):
        requested = cancellation is None or cancellation.cancel_requested
        return "cancelled" if requested else "interrupted"
    if isinstance(error, Exception):
        return "retried" if _is_retried(error, info) else "failed"
    # Asynchronous completion is raised as a BaseException that is not an Exception.
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
