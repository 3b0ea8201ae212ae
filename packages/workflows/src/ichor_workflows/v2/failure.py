"""Turns the errors of Temporal into the failures that users see."""

import asyncio

from temporalio.exceptions import (
    ActivityError,
    ApplicationError,
    CancelledError,
    ChildWorkflowError,
    FailureError,
    TimeoutError,
    TimeoutType,
)

from ichor_core.contract import STORAGE_UNAVAILABLE, FailureInfo
from ichor_core.graph import ActionNode
from ichor_core.limits import Limits
from ichor_workflows.v2.action_call import LOCAL_ELSEWHERE, max_attempts_of

CANCELLED = "Cancelled"
CANCELLED_MESSAGE = "the execution was cancelled"
TIMED_OUT = "TimedOut"
# An action cancelled during a durable wait raises the second one itself.
_CANCELLATIONS = (CancelledError, asyncio.CancelledError)


def failure_of(
    action: ActionNode, error: BaseException, limits: Limits, attempts: int
) -> FailureInfo:
    """Return the failure of an action: the innermost cause, named by action and type."""
    cause: BaseException = error
    while isinstance(cause, ActivityError | ChildWorkflowError) and cause.cause is not None:
        cause = cause.cause
    if isinstance(cause, TimeoutError):
        message = _timeout_message(cause, limits, attempts)
    else:
        message = _message(cause)
    return FailureInfo(message, _kind(cause), action.id, action.name, action.action_type)


def failed_before_storage_went(error: FailureError) -> int | None:
    """Return how many attempts failed before one met our own storage away; None: it was not that.

    The attempt that met it is none of them.
    """
    cause = error.cause if isinstance(error, ActivityError) else error
    if not isinstance(cause, ApplicationError) or cause.type != STORAGE_UNAVAILABLE:
        return None
    return max(_last_attempt(error) - 1, 0)


def attempts_of(error: BaseException, limits: Limits, failed: int) -> int:
    """Return how many attempts a failed action took.

    Args:
        error: of the last call.
        limits: of the action.
        failed: attempts before that call.
    """
    told = _last_attempt(error)
    if told:
        return told
    cause = error.cause if isinstance(error, ActivityError) else error
    if not isinstance(cause, TimeoutError):
        return failed
    # Nobody tells the number of an attempt that timed out, but only the last one ends a call. (The
    # retry state of a local activity does not tell either: it says "cancel requested".)
    return max_attempts_of(limits)


def _last_attempt(error: BaseException) -> int:
    """Return the number of the attempt as its activity tells it; 0: it does not."""
    # A local activity raises its cause itself.
    cause = error.cause if isinstance(error, ActivityError) else error
    if isinstance(cause, ApplicationError) and cause.details:
        last = cause.details[-1]
        return last if isinstance(last, int) else 0
    return 0


def _message(cause: BaseException) -> str:
    if isinstance(cause, _CANCELLATIONS):
        return CANCELLED_MESSAGE
    if isinstance(cause, FailureError):
        return cause.message
    return str(cause) or type(cause).__name__


def _timeout_message(cause: TimeoutError, limits: Limits, attempts: int) -> str:
    kind = cause.type.name.lower().replace("_", "-") if cause.type is not None else "timeout"
    tried = f"{attempts} attempt{'s' if attempts != 1 else ''}"
    if cause.type is TimeoutType.HEARTBEAT:
        seconds = limits.over(LOCAL_ELSEWHERE).heartbeat
        return f"no sign of life within {seconds:g} s ({kind}), {tried}"
    if cause.type is TimeoutType.START_TO_CLOSE:
        return f"no result within {limits.start_to_close:g} s ({kind}), {tried}"
    return f"no result in time ({kind}), {tried}"


def _kind(cause: BaseException) -> str:
    if isinstance(cause, ApplicationError):
        return cause.type or "Error"
    if isinstance(cause, _CANCELLATIONS):
        return CANCELLED
    return TIMED_OUT if isinstance(cause, TimeoutError) else type(cause).__name__
