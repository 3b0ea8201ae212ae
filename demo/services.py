"""Ichor's own processes, started by their commands as an operator would."""

import asyncio
import http.client
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from demo.api import request
from ichor_core.errors import IchorError
from ichor_devstack.ports import LOOPBACK, free_port
from ichor_devstack.processes import ServerProcess, log_tail, start_server

_START_SECONDS = 60.0
_WATCH_SECONDS = 0.2
# Of the surroundings they would mean another Temporal, mail server or database.
_FOREIGN = ("TEMPORAL_", "SMTP_", "WEBHOOK_", "DATABASE_", "DECLARED_", "OTEL_", "LOG_")


class Service:
    """A running service.

    Attributes:
        name: of its command.
        url: where it answers.
        process: alone in its process group.
        log: the file with its output.
    """

    def __init__(self, name: str, process: ServerProcess, url: str, log: Path) -> None:
        self.name = name
        self.url = url
        self.log = log
        self.process = process

    async def wait_until_ready(self) -> None:
        """Wait until it says that it can do its work.

        Raises:
            ServerStartError: it ended, or takes too long.
        """
        await self.process.wait_until_ready(self._is_ready, seconds=_START_SECONDS)

    async def stop(self) -> None:
        """Ask it to end, and see that it does."""
        await self.process.stop()

    async def _is_ready(self) -> bool:
        try:
            status, _ = await asyncio.to_thread(request, self.url, "GET", "/health/ready")
        except (OSError, http.client.HTTPException):
            return False
        return status == 200


class ServerEndedError(IchorError, RuntimeError):
    """A server ended though nobody asked it to; the message ends with the tail of its log."""


async def watch(name: str, process: ServerProcess, log: Path) -> None:
    """Wait for ever, unless the process ends.

    Raises:
        ServerEndedError: it ended.
    """
    while process.is_running:  # noqa: ASYNC110 - it can only be asked
        await asyncio.sleep(_WATCH_SECONDS)
    raise ServerEndedError(f"{name} ended; see {log}\n{log_tail(log)}")


async def start_service(command: Sequence[str], settings: Mapping[str, str], logs: Path) -> Service:
    """Start a service of this environment on a free port.

    Args:
        command: its command and arguments.
        settings: environment variables, `HOST` and `PORT` left out.
        logs: the folder for its log.
    """
    name, *arguments = command
    port = free_port()
    kept = {key: value for key, value in os.environ.items() if not key.startswith(_FOREIGN)}
    log = logs / f"{name}.log"
    process = await start_server(
        name,
        [Path(sys.executable).parent / name, *arguments],
        log=log,
        env={**kept, **settings, "HOST": LOOPBACK, "PORT": str(port)},
    )
    return Service(name, process, f"http://{LOOPBACK}:{port}", log)
