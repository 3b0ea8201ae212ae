"""One log line for each request, and a trace id for everything that is logged meanwhile."""

import re
import secrets
import time

import structlog
from litestar.types import ASGIApp, Message, Receive, Scope, Send

_TRACE_ID = re.compile(rb"00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")
_logger = structlog.get_logger(__name__)


class RequestLog:
    """Wraps an application; bodies, headers and query values are never logged."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request and log how it was answered."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        trace_id = _trace_id(scope)
        state = scope.setdefault("state", {})
        state["trace_id"] = trace_id
        began = time.perf_counter()
        status = 0

        async def note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        with structlog.contextvars.bound_contextvars(trace_id=trace_id):
            try:
                await self._app(scope, receive, note)
            finally:
                path = scope["path"]
                write = _logger.debug if path.startswith("/health/") else _logger.info
                write(
                    "Request",
                    method=scope["method"],
                    path=path,
                    status=status,
                    milliseconds=round((time.perf_counter() - began) * 1000, 1),
                )


def _trace_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"traceparent" and (match := _TRACE_ID.fullmatch(value)):
            return match[1].decode()
    return secrets.token_hex(16)
