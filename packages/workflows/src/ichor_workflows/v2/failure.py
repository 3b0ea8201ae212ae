"""Turns the errors of Temporal into the failures that users see."""

import asyncio

from temporalio.exceptions import (
    ActivityError,
    ApplicationError,
    CancelledError,
    ChildWorkflowError,
    FailureError,
    TimeoutError,
)

from ichor_core.contract import STORAGE_UNAVAILABLE, FailureInfo
from ichor_core.graph import ActionNode

CANCELLED = "Cancelled"
CANCELLED_MESSAGE = "the execution was cancelled"
TIMED_OUT = "TimedOut"
# An action cancelled during a durable wait raises the second one itself.
_CANCELLATIONS = (CancelledError, asyncio.CancelledError)


def failure_of(action: ActionNode, error: BaseException) -> FailureInfo:
    """Return the failure of an action: the innermost cause, named by action and type."""
    cause: BaseException = error
    while isinstance(cause, ActivityError | ChildWorkflowError) and cause.cause is not None:
        cause = cause.cause
    return FailureInfo(_message(cause), _kind(cause), action.id, action.name, action.action_type)


def failed_before_storage_went(error: FailureError) -> int | None:
    """Return how many attempts failed before one met our own storage away; None: it was not that.

    The attempt that met it is none of them.
    """
    cause = error.cause if isinstance(error, ActivityError) else error
    if not isinstance(cause, ApplicationError) or cause.type != STORAGE_UNAVAILABLE:
        return None
    return max(attempts_of(error) - 1, 0)


def attempts_of(error: BaseException) -> int:
    """Return how many attempts a failed action took; 0 where that is not known."""
    # A local activity raises its cause itself.
    cause = error.cause if isinstance(error, ActivityError) else error
    if isinstance(cause, ApplicationError) and cause.details:
        last = cause.details[-1]
        return last if isinstance(last, int) else 0
    return 0


def _message(cause: BaseException) -> str:
    if isinstance(cause, _CANCELLATIONS):
        return CANCELLED_MESSAGE
    if isinstance(cause, TimeoutError):
        kind = cause.type.name.lower().replace("_", "-") if cause.type is not None else "timeout"
        return f"no answer in time ({kind})"
    if isinstance(cause, FailureError):
        return cause.message
    return str(cause) or type(cause).__name__


def _kind(cause: BaseException) -> str:
    if isinstance(cause, ApplicationError):
        return cause.type or "Error"
    if isinstance(cause, _CANCELLATIONS):
        return CANCELLED
    return TIMED_OUT if isinstance(cause, TimeoutError) else type(cause).__name__
