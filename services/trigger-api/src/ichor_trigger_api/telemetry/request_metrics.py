"""Metrics of requests, by OpenTelemetry's conventions for HTTP servers."""

import time
from collections import Counter
from collections.abc import Iterable

from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send
from opentelemetry import metrics
from opentelemetry.metrics import CallbackOptions, Observation

from ichor_runtime.telemetry import SHORT
from ichor_trigger_api.telemetry.request_span import PROBES, SERVER_ERROR

_METHODS = frozenset(
    ("CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE")
)
_meter = metrics.get_meter(__name__)
_durations = _meter.create_histogram(
    "http.server.request.duration",
    "s",
    "Duration of HTTP requests.",
    explicit_bucket_boundaries_advisory=SHORT,
)


class RequestMetrics:
    """Wraps an application; probes of health and metrics are not measured."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._active: Counter[tuple[str, str]] = Counter()
        _meter.create_observable_up_down_counter(
            "http.server.active_requests",
            [self._count_active],
            "{request}",
            "HTTP requests in progress.",
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request and measure it."""
        if scope["type"] != "http" or scope["path"].startswith(PROBES):
            await self._app(scope, receive, send)
            return
        method = str(scope["method"]) if scope["method"] in _METHODS else "_OTHER"
        key = (method, scope["scheme"])
        status = 0
        error = ""

        async def note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        self._active[key] += 1
        began = time.perf_counter()
        try:
            await self._app(scope, receive, note)
        except BaseException as raised:
            error = type(raised).__name__
            raise
        finally:
            self._active[key] -= 1
            seconds = time.perf_counter() - began
            _durations.record(seconds, _values(scope, method, status, error))

    def _count_active(self, _options: CallbackOptions) -> Iterable[Observation]:
        # A copy: the exporter of metrics calls from its own thread.
        for (method, scheme), count in list(self._active.items()):
            yield Observation(count, {"http.request.method": method, "url.scheme": scheme})


def _values(scope: HTTPScope, method: str, status: int, error: str) -> dict[str, str | int]:
    values: dict[str, str | int] = {"http.request.method": method, "url.scheme": scope["scheme"]}
    if "path_template" in scope:  # absent where no route was found
        values["http.route"] = scope["path_template"]
    if status:
        values["http.response.status_code"] = status
    if error or status >= SERVER_ERROR:
        values["error.type"] = error or str(status)
    return values
