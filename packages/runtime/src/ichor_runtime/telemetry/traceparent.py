"""The trace context of now as text that other processes can continue, in W3C's format."""

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.propagate import extract

from ichor_core.telemetry import format_traceparent


def current_traceparent() -> str | None:
    """Return the `traceparent` of the current span; None outside of one."""
    current = trace.get_current_span().get_span_context()
    if not current.is_valid:
        return None
    return format_traceparent(current.trace_id, current.span_id, current.trace_flags)


def current_trace_id() -> str:
    """Return the id of the current trace in hex; empty outside of one."""
    current = trace.get_current_span().get_span_context()
    return trace.format_trace_id(current.trace_id) if current.is_valid else ""


def extract_traceparent(traceparent: str | None) -> Context:
    """Return the context that a `traceparent` names; an empty one where it names none."""
    return extract({"traceparent": traceparent} if traceparent else {}, Context())
