"""The span of a call to another system, by OpenTelemetry's conventions for HTTP clients."""

from collections.abc import Generator
from contextlib import contextmanager

import httpx2
from opentelemetry import trace
from opentelemetry.propagate import inject
from opentelemetry.trace import Span, SpanKind, Status, StatusCode

_FAILED = 400
_tracer = trace.get_tracer(__name__)


@contextmanager
def call_span(request: httpx2.Request) -> Generator[Span]:
    """Trace a call, and let the other system continue the trace.

    A `traceparent` that the request has already stays. Of the URL only scheme and host are shown:
    the rest may be secret.
    """
    host = request.url.host
    values: dict[str, str | int] = {
        "http.request.method": request.method,
        "server.address": host,
        "url.scheme": request.url.scheme,
    }
    if request.url.port is not None:
        values["server.port"] = request.url.port
    with _tracer.start_as_current_span(
        request.method,
        kind=SpanKind.CLIENT,
        attributes=values,
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        carrier: dict[str, str] = {}
        inject(carrier)
        for name, value in carrier.items():
            request.headers.setdefault(name, value)
        try:
            yield span
        except Exception as error:
            span.set_attribute("error.type", type(error).__name__)
            span.set_status(Status(StatusCode.ERROR, str(error)))
            raise


def note_status(span: Span, status: int) -> None:
    """Show how the other system answered."""
    span.set_attribute("http.response.status_code", status)
    if status >= _FAILED:
        span.set_attribute("error.type", str(status))
        span.set_status(Status(StatusCode.ERROR))
