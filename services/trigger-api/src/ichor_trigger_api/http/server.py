"""The HTTP server of the process."""

import asyncio
import contextlib
from collections.abc import Generator

import uvicorn
from litestar.types import ASGIApp

from ichor_trigger_api.settings import ApiSettings


class _Server(uvicorn.Server):
    """A server that leaves the signals to the process."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Capture none."""
        yield


def server_config(app: ASGIApp, settings: ApiSettings) -> uvicorn.Config:
    """Return the configuration of a server of an application."""
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=settings.http_keep_alive_seconds,
        timeout_graceful_shutdown=max(1, round(settings.shutdown_grace_seconds)),
    )


async def serve_http(app: ASGIApp, settings: ApiSettings, stop: asyncio.Event) -> None:
    """Serve an application until told to stop; if it cannot be served, stop the process."""
    server = _Server(server_config(app, settings))

    async def end() -> None:
        await stop.wait()
        server.should_exit = True

    ending = asyncio.create_task(end())
    try:
        await server.serve()
    finally:
        stop.set()  # if the server could not start, nothing else should go on
        ending.cancel()
