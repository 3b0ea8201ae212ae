"""Health checks of a process, and a small HTTP server for them and for metrics."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Literal

from msgspec import Struct, field

from ichor_core import exact_json
from ichor_runtime.telemetry.metrics import MEDIA_TYPE, METRICS_OFF, exposition

Probe = Callable[[], Awaitable[None]]
"""Returns if healthy; raises otherwise, and the text of the error is shown."""

MAX_REASON = 300
_MAX_REQUEST_BYTES = 16 * 1024
_REQUEST_SECONDS = 5.0
_METRICS = b"/metrics"
_PATHS = frozenset({b"/health/live", b"/health/ready", _METRICS})


class Check(Struct, frozen=True):
    """A check of one thing that a process needs."""

    name: str
    probe: Probe
    required: bool = True
    """Whether the process is not ready without it; otherwise it is ready but degraded."""
    timeout_seconds: float = 3.0


class CheckResult(Struct, frozen=True, omit_defaults=True):
    """The result of a check."""

    status: Literal["ok", "failed"]
    required: bool = True
    reason: str = ""


class HealthReport(Struct, frozen=True, omit_defaults=True):
    """The body of ``/health/ready``."""

    status: Literal["ready", "not_ready"]
    checks: dict[str, CheckResult] = field(default_factory=dict[str, CheckResult])
    degraded: tuple[str, ...] = ()
    """Failed checks that are not required."""

    @property
    def http_status(self) -> int:
        """200 or 503."""
        return 200 if self.status == "ready" else 503


async def check_health(checks: Sequence[Check]) -> HealthReport:
    """Run all checks concurrently, each within its timeout."""
    results = await asyncio.gather(*(_run(check) for check in checks))
    by_name = {check.name: result for check, result in zip(checks, results, strict=True)}
    failed = {name: result for name, result in by_name.items() if result.status == "failed"}
    return HealthReport(
        "not_ready" if any(result.required for result in failed.values()) else "ready",
        by_name,
        tuple(name for name, result in failed.items() if not result.required),
    )


async def _run(check: Check) -> CheckResult:
    try:
        async with asyncio.timeout(check.timeout_seconds):
            await check.probe()
    except TimeoutError:
        reason = f"no answer within {check.timeout_seconds:g} s"
    except Exception as error:  # every error is a failed check
        reason = (str(error) or type(error).__name__)[:MAX_REASON]
    else:
        return CheckResult("ok", check.required)
    return CheckResult("failed", check.required, reason)


@asynccontextmanager
async def health_server(
    checks: Sequence[Check],
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    metrics_port: int | None = None,
) -> AsyncGenerator[int]:
    """Serve ``GET /health/live``, ``/health/ready`` and ``/metrics`` while the context lasts.

    For processes without an HTTP interface of their own.

    Args:
        checks: the checks of readiness.
        host: the address to listen on.
        port: 0 takes any free one.
        metrics_port: serves ``/metrics`` instead; None: the same.

    Yields:
        The port.
    """
    paths = _PATHS if metrics_port is None else _PATHS - {_METRICS}
    async with (
        metrics_server(host=host, port=metrics_port),
        _server(checks, paths, host, port) as bound,
    ):
        yield bound


@asynccontextmanager
async def metrics_server(
    *, host: str = "127.0.0.1", port: int | None = None
) -> AsyncGenerator[int | None]:
    """Serve ``GET /metrics``, and nothing else, while the context lasts.

    Args:
        host: the address to listen on.
        port: 0 takes any free one; None: nothing is served.

    Yields:
        The port.
    """
    if port is None:
        yield None
        return
    async with _server((), frozenset({_METRICS}), host, port) as bound:
        yield bound


@asynccontextmanager
async def _server(
    checks: Sequence[Check], paths: frozenset[bytes], host: str, port: int
) -> AsyncGenerator[int]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_REQUEST_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
            writer.write(await _answer(head, checks, paths))
            await writer.drain()
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError, OSError):
            pass  # the client went away, or does not speak HTTP
        finally:
            writer.close()

    server = await asyncio.start_server(serve, host, port, limit=_MAX_REQUEST_BYTES)
    async with server:
        yield int(server.sockets[0].getsockname()[1])


async def _answer(head: bytes, checks: Sequence[Check], paths: frozenset[bytes]) -> bytes:
    method, _, rest = head.partition(b" ")
    path = rest.partition(b" ")[0].partition(b"?")[0]
    if path not in paths:
        return _json(404, {"status": "not_found"})
    if method not in (b"GET", b"HEAD"):
        return _json(405, {"status": "method_not_allowed"})
    body = method == b"GET"
    if path == _METRICS:
        metrics = exposition()
        if metrics is None:
            return _response(404, METRICS_OFF.encode(), "text/plain", body=body)
        return _response(200, metrics, MEDIA_TYPE, body=body)
    if path == b"/health/live":
        return _json(200, {"status": "live"}, body=body)
    report = await check_health(checks)
    return _json(report.http_status, report, body=body)


_PHRASES = {200: "OK", 404: "Not Found", 405: "Method Not Allowed", 503: "Service Unavailable"}


def _json(status: int, content: object, *, body: bool = True) -> bytes:
    return _response(status, exact_json.encode(content), "application/json", body=body)


def _response(status: int, data: bytes, media_type: str, *, body: bool) -> bytes:
    charset = "; charset=utf-8" if media_type.startswith("text/") else ""
    head = (
        f"HTTP/1.1 {status} {_PHRASES[status]}\r\nContent-Type: {media_type}{charset}\r\n"
        f"Content-Length: {len(data)}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + (data if body else b"")
