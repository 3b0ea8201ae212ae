"""One span for each request, by OpenTelemetry's conventions for HTTP servers."""

import secrets

from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.propagate import extract
from opentelemetry.trace import NonRecordingSpan, Span, SpanContext, SpanKind, Status, StatusCode

from ichor_runtime.telemetry import is_traced

PROBES = ("/health/", "/metrics")
"""Prefixes of the paths that machines poll."""
SERVER_ERROR = 500
_tracer = trace.get_tracer(__name__)


class RequestSpan:
    """Wraps an application; all work for a request belongs to the request's trace.

    A request that names no trace gets one, also where this process does not trace: its id is what
    logs, errors and the executions that it sets off have in common.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request within its span."""
        if scope["type"] != "http" or scope["path"].startswith(PROBES):
            await self._app(scope, receive, send)
            return
        with _tracer.start_as_current_span(
            str(scope["method"]),
            _context(scope),
            SpanKind.SERVER,
            {
                "http.request.method": str(scope["method"]),
                "url.path": scope["path"],
                "url.scheme": scope["scheme"],
            },
            record_exception=False,
            set_status_on_exception=False,
        ) as span:

            async def note(message: Message) -> None:
                if message["type"] == "http.response.start":
                    _note_answer(span, scope, message["status"])
                await send(message)

            await self._app(scope, receive, note)


def _context(scope: HTTPScope) -> Context:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    given = extract(headers, Context())
    if trace.get_current_span(given).get_span_context().is_valid or is_traced():
        return given
    made_up = SpanContext(secrets.randbits(128) or 1, secrets.randbits(64) or 1, is_remote=False)
    return trace.set_span_in_context(NonRecordingSpan(made_up), given)


def _note_answer(span: Span, scope: HTTPScope, status: int) -> None:
    if "path_template" in scope:  # absent where no route was found
        route = scope["path_template"]
        span.update_name(f"{scope['method']} {route}")
        span.set_attribute("http.route", route)
    span.set_attribute("http.response.status_code", status)
    if status >= SERVER_ERROR:
        span.set_attribute("error.type", str(status))
        span.set_status(Status(StatusCode.ERROR))
