"""One log line for each request."""

import time

import structlog
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from ichor_trigger_api.telemetry.request_span import PROBES

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
        began = time.perf_counter()
        status = 0

        async def note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, note)
        finally:
            path = scope["path"]
            write = _logger.debug if path.startswith(PROBES) else _logger.info
            write(
                "Request",
                method=scope["method"],
                path=path,
                status=status,
                milliseconds=round((time.perf_counter() - began) * 1000, 1),
            )
