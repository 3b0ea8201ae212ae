"""W3C trace context as text (`traceparent`): written from the current span, read from storage."""

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.propagate import extract, inject


def current_traceparent() -> str | None:
    """Return the context of the current span; None outside a trace."""
    carrier: dict[str, str] = {}
    inject(carrier)
    return carrier.get("traceparent")


def current_trace_id() -> str:
    """Return the id of the current trace in hex; empty outside a trace."""
    current = trace.get_current_span().get_span_context()
    return trace.format_trace_id(current.trace_id) if current.is_valid else ""


def extract_traceparent(traceparent: str | None) -> Context:
    """Return the context that a traceparent names; empty without one."""
    return extract({"traceparent": traceparent} if traceparent else {}, Context())
