"""Metrics of a process, in the text format of Prometheus at `GET /metrics`, and by OTLP.

`ichor_runtime.telemetry.environment` says when they are on. Off, nothing of the SDK is loaded, and
instruments are no-ops.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

from ichor_runtime.telemetry.environment import sends_metrics, wants_metrics

if TYPE_CHECKING:
    from ichor_runtime.telemetry.measured_process import MeasuredProcess

MEDIA_TYPE = "text/plain; version=0.0.4"
"""Media type of an exposition, which is UTF-8."""
METRICS_OFF = "metrics are off: OTEL_METRICS_EXPORTER=none or OTEL_SDK_DISABLED=true\n"
"""The body of `GET /metrics` when metrics are off, with status 404."""
_COLLECT_SECONDS = 0.5

_logger = logging.getLogger(__name__)


class _Here:
    measured: "MeasuredProcess | None" = None


@contextmanager
def measuring(service: str, kind: str | None = None) -> Generator[None]:
    """Measure this process while the context lasts, unless the environment switches it off.

    Once in a process.

    Args:
        service: the name of the process, where `OTEL_SERVICE_NAME` gives none.
        kind: of process, as `ichor_build_info` names it; None: the service without ``ichor-``.
    """
    if not wants_metrics():
        yield
        return
    from ichor_runtime.telemetry.measured_process import MeasuredProcess

    _Here.measured = measured = MeasuredProcess(
        service, kind=kind or service.removeprefix("ichor-"), sends=sends_metrics()
    )
    try:
        yield
    finally:
        _Here.measured = None
        measured.close()


def measured_process() -> "MeasuredProcess | None":
    """Return the measurement of this process; None where it is not measured."""
    return _Here.measured


def is_measured() -> bool:
    """Say whether this process is measured."""
    return _Here.measured is not None


def exposition() -> bytes | None:
    """Return all metrics of this process in the text format of Prometheus; None if it has none."""
    return None if _Here.measured is None else _Here.measured.exposition()


@asynccontextmanager
async def collecting() -> AsyncGenerator[None]:
    """Collect from the buffers of libraries while the context lasts, before they overflow."""
    if not is_measured():
        yield
        return
    task = asyncio.create_task(_collect())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


async def _collect() -> None:
    while _Here.measured is not None:
        await asyncio.sleep(_COLLECT_SECONDS)
        try:
            _Here.measured.collect()
        except Exception:  # a fault of metrics must not end the process
            _logger.exception("Temporal SDK metrics dropped")
