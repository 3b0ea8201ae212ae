"""Turns errors of actions into the failures that Temporal understands."""

from datetime import timedelta

from temporalio.exceptions import ApplicationError

from ichor_actions.errors import ActionError, TransientError
from ichor_activities.storage import StorageUnavailableError
from ichor_core.contract import STORAGE_UNAVAILABLE
from ichor_core.errors import InvalidInputError

UNEXPECTED = "UnexpectedError"
MAX_MESSAGE = 2_000


def application_error(error: Exception, attempt: int) -> ApplicationError:
    """Return the failure of one attempt; its last detail is the attempt's number.

    A bad config, a missing reference or a refusal is not retried. An unexpected error is, and shows
    its type but not its text, which may hold secrets. Our own storage away is neither: see
    `STORAGE_UNAVAILABLE`.
    """
    if isinstance(error, ApplicationError):
        return error
    if isinstance(error, StorageUnavailableError):
        return ApplicationError(str(error), attempt, type=STORAGE_UNAVAILABLE)
    if isinstance(error, ActionError | InvalidInputError):
        retryable = isinstance(error, ActionError) and error.retryable
        delay = error.retry_after if isinstance(error, TransientError) else None
        return ApplicationError(
            shorten(str(error)),
            attempt,
            type=type(error).__name__,
            non_retryable=not retryable,
            next_retry_delay=None if delay is None else timedelta(seconds=delay),
        )
    return ApplicationError(
        f"unexpected {type(error).__name__}; the worker's log has the details",
        attempt,
        type=UNEXPECTED,
    )


def shorten(text: str) -> str:
    """Return a message cut to the length that a history should hold."""
    return text if len(text) <= MAX_MESSAGE else text[:MAX_MESSAGE] + "…"
