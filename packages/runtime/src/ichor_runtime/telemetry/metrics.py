"""Metrics of a process, as OpenTelemetry's own environment variables say.

They are on unless `OTEL_METRICS_EXPORTER=none` or `OTEL_SDK_DISABLED=true`, and are read at
`GET /metrics` in the text format of Prometheus. They are sent by OTLP as well where
`OTEL_METRICS_EXPORTER=otlp` or `OTEL_EXPORTER_OTLP_METRICS_ENDPOINT` asks for it; the endpoint of
traces alone does not, since what collects traces need not take metrics. Off, nothing of the SDK is
loaded, and instruments are no-ops.
"""

import asyncio
import logging
import os
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from temporalio.runtime import Runtime

    from ichor_runtime.telemetry.measured_process import MeasuredProcess

MEDIA_TYPE = "text/plain; version=0.0.4"
"""Of an exposition, which is UTF-8."""
METRICS_OFF = "metrics are off: OTEL_METRICS_EXPORTER=none or OTEL_SDK_DISABLED=true\n"
"""What `GET /metrics` answers then, with status 404."""
_ENDPOINT = "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"
_PROTOCOL = "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL"
_EXPORTERS = ("prometheus", "otlp", "none")
_DRAIN_SECONDS = 0.5

_logger = logging.getLogger(__name__)


def metrics_problems(variables: Mapping[str, str] = os.environ) -> list[str]:
    """Return what is wrong with the variables, one line each."""
    problems: list[str] = []

    def expect(name: str, what: str, *, holds: bool) -> None:
        if variables.get(name) and not holds:
            problems.append(f"{name}: expected {what} (it is {variables[name]!r})")

    exporter = variables.get("OTEL_METRICS_EXPORTER")
    expect("OTEL_METRICS_EXPORTER", f"one of {', '.join(_EXPORTERS)}", holds=exporter in _EXPORTERS)
    expect(_PROTOCOL, "http/protobuf", holds=variables.get(_PROTOCOL) == "http/protobuf")
    endpoint = variables.get(_ENDPOINT, "")
    expect(_ENDPOINT, "http://… or https://…", holds=endpoint.startswith(("http://", "https://")))
    for name in ("OTEL_METRIC_EXPORT_INTERVAL", "OTEL_METRIC_EXPORT_TIMEOUT"):
        given = variables.get(name, "")
        expect(name, "milliseconds, such as 60000", holds=given.isdecimal() and int(given) > 0)
    return problems


def is_wanted(variables: Mapping[str, str] = os.environ) -> bool:
    """Say whether the environment wants metrics."""
    if variables.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return False
    return variables.get("OTEL_METRICS_EXPORTER") != "none"


def is_sent(variables: Mapping[str, str] = os.environ) -> bool:
    """Say whether the environment asks that metrics are sent by OTLP too."""
    return variables.get("OTEL_METRICS_EXPORTER") == "otlp" or bool(variables.get(_ENDPOINT))


class _Here:
    measured: "MeasuredProcess | None" = None


@contextmanager
def measuring(service: str, kind: str | None = None) -> Generator[None]:
    """Measure this process while the context lasts, unless the environment says otherwise.

    Once in a process.

    Args:
        service: the name of the process, where `OTEL_SERVICE_NAME` gives none.
        kind: of process, as `ichor_build_info` names it; None: the service without ``ichor-``.
    """
    if not is_wanted():
        yield
        return
    from ichor_runtime.telemetry.measured_process import MeasuredProcess

    _Here.measured = measured = MeasuredProcess(
        service, kind=kind or service.removeprefix("ichor-"), sends=is_sent()
    )
    try:
        yield
    finally:
        _Here.measured = None
        measured.close()


def is_measured() -> bool:
    """Say whether this process measures."""
    return _Here.measured is not None


def exposition() -> bytes | None:
    """Return all metrics of this process in the text format of Prometheus; None if it has none."""
    return None if _Here.measured is None else _Here.measured.exposition()


@asynccontextmanager
async def draining() -> AsyncGenerator[None]:
    """Take over what Temporal's SDK measures while the context lasts; it keeps little of it."""
    if not is_measured():
        yield
        return
    task = asyncio.create_task(_drain())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


async def _drain() -> None:
    while _Here.measured is not None:
        await asyncio.sleep(_DRAIN_SECONDS)
        try:
            _Here.measured.temporal.drain()
        except Exception:  # the process has more to do than to measure
            _logger.exception("What Temporal's SDK measured is lost")


def temporal_runtime() -> "Runtime | None":
    """Return what a client of Temporal runs on to be measured; None: on its default."""
    return None if _Here.measured is None else _Here.measured.temporal.runtime
