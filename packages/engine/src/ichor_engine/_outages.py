"""Calls to Temporal whose errors can be read: unavailable, no answer in time, no such workflow."""

from collections.abc import Generator
from contextlib import contextmanager

from temporalio.api.errordetails.v1 import NamespaceNotFoundFailure
from temporalio.client import (
    RPCTimeoutOrCancelledError,
    WorkflowQueryFailedError,
)
from temporalio.service import RPCError, RPCStatusCode

from ichor_core.errors import IchorError
from ichor_engine.errors import TemporalUnavailableError
from ichor_runtime.temporal import TEMPORAL_ERRORS

MAX_REASON = 300

_NO_ANSWER = (RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED)


@contextmanager
def temporal_calls(seconds: float) -> Generator[None]:
    """Turn the errors of calls to Temporal into one with a readable text.

    Args:
        seconds: the time limit of each call.

    Raises:
        TemporalUnavailableError: the server or the workers do not answer.
    """
    try:
        yield
    except (TimeoutError, RPCTimeoutOrCancelledError) as error:
        raise TemporalUnavailableError(_no_answer(seconds)) from error
    except RPCError as error:
        reason = f"Temporal does not answer: {error.message[:MAX_REASON]}"
        if error.status in _NO_ANSWER:
            reason = _no_answer(seconds)
        raise TemporalUnavailableError(reason) from error
    except WorkflowQueryFailedError as error:
        raise TemporalUnavailableError(f"the workflow could not be queried: {error}") from error
    except TEMPORAL_ERRORS as error:
        if isinstance(error, IchorError):
            raise
        raise TemporalUnavailableError(f"Temporal does not answer: {error}") from error


def is_no_workflow(error: RPCError) -> bool:
    """Say whether the server knows the namespace, but not the workflow."""
    if error.status != RPCStatusCode.NOT_FOUND:
        return False
    details = error.grpc_status.details
    return not any(detail.Is(NamespaceNotFoundFailure.DESCRIPTOR) for detail in details)


def _no_answer(seconds: float) -> str:
    return f"no worker answered within {seconds:g} s"
