"""The span of one attempt to start an execution, part of the trace of the event's request."""

from collections.abc import Generator
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind, Status, StatusCode

from ichor_core import telemetry as names
from ichor_edgestore.events import Dispatch
from ichor_runtime.telemetry import extract_traceparent

_tracer = trace.get_tracer(__name__)


@contextmanager
def start_span(dispatch: Dispatch) -> Generator[Span]:
    """Trace an attempt; the workflow that it starts continues from here."""
    with _tracer.start_as_current_span(
        "start execution",
        extract_traceparent(dispatch.traceparent),
        SpanKind.PRODUCER,
        {
            names.EXECUTION_ID: dispatch.execution_id,
            names.RULE_ID: dispatch.rule_id,
            names.RULE_NAME: dispatch.rule_name,
            names.START_ATTEMPT: dispatch.attempts,
            "temporal.workflow.id": dispatch.workflow_id,
        },
    ) as span:
        yield span


def note_error(span: Span, error: Exception) -> None:
    """Mark an attempt that did not start the execution."""
    span.set_attribute("error.type", type(error).__name__)
    span.set_status(Status(StatusCode.ERROR, str(error)))
