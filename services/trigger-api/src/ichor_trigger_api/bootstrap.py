"""The processes of this service: the HTTP server, the relay, or both in one."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Generator
from typing import Any

import structlog
import uvicorn

from ichor_edgestore.executions import WaitingStore
from ichor_runtime.health import health_server, metrics_server
from ichor_runtime.telemetry import is_measured
from ichor_trigger_api.app import create_app, observed
from ichor_trigger_api.executions.reconciliation import Sweeper
from ichor_trigger_api.health import checks
from ichor_trigger_api.parts import Parts, open_parts
from ichor_trigger_api.relay.backlog_metrics import WaitingMetrics
from ichor_trigger_api.relay.relay import Relay
from ichor_trigger_api.settings import ApiSettings

Process = Callable[[ApiSettings, asyncio.Event], Coroutine[Any, Any, None]]
"""Runs until the event says that it should end."""

_logger = structlog.get_logger(__name__)


class _Server(uvicorn.Server):
    """A server that leaves the signals to the process."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Capture none."""
        yield


async def serve(settings: ApiSettings, stop: asyncio.Event) -> None:
    """Serve HTTP, and start workflows unless other processes do, until told to stop."""
    async with (
        open_parts(settings) as parts,
        metrics_server(host=settings.host, port=settings.metrics_port),
        asyncio.TaskGroup() as tasks,
    ):
        tasks.create_task(_serve_http(settings, parts, stop))
        if settings.relay:
            tasks.create_task(_relay(settings, parts, stop))


async def relay(settings: ApiSettings, stop: asyncio.Event) -> None:
    """Start workflows until told to stop; the health of the process is served on its port."""
    async with (
        open_parts(settings) as parts,
        health_server(
            checks(parts, starts_only=True),
            host=settings.host,
            port=settings.port,
            metrics_port=settings.metrics_port,
        ) as port,
    ):
        _logger.info("Relay started", health=f"http://{settings.host}:{port}/health/ready")
        await _relay(settings, parts, stop)


async def _relay(settings: ApiSettings, parts: Parts, stop: asyncio.Event) -> None:
    async with asyncio.TaskGroup() as tasks:
        if is_measured():
            tasks.create_task(WaitingMetrics(WaitingStore(parts.pool)).run(stop))
        tasks.create_task(Relay(parts, concurrency=settings.relay_concurrency).run(stop))
        tasks.create_task(Sweeper(parts, settings.sweep_seconds).run(stop))


async def _serve_http(settings: ApiSettings, parts: Parts, stop: asyncio.Event) -> None:
    config = uvicorn.Config(
        observed(create_app(parts, shows_metrics=settings.metrics_port is None)),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=max(1, round(settings.shutdown_grace_seconds)),
    )
    server = _Server(config)

    async def end() -> None:
        await stop.wait()
        server.should_exit = True

    ending = asyncio.create_task(end())
    try:
        await server.serve()
    finally:
        stop.set()  # where the server could not start, nothing else should go on
        ending.cancel()
