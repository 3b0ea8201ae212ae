"""Processes of services, started by their commands as an operator would."""

import asyncio
import http.client
import os
import shlex
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

from demo.api import request
from ichor_devstack.ports import LOOPBACK, free_port
from ichor_devstack.processes import ServerProcess, start_server

ROOT = Path(__file__).parent.parent
_START_SECONDS = 60.0
# Of the surroundings they would mean another Temporal, broker, mail server or database.
_FOREIGN = (
    *("TEMPORAL_", "AMQP_", "SMTP_", "WEBHOOK_", "DATABASE_", "DECLARED_", "REPLY_TOKEN_"),
    *("OTEL_SERVICE_NAME", "INVENTORY_", "METRICS_PORT"),
)


class Service:
    """A running service.

    Attributes:
        name: of its command.
        url: where it answers; empty if it does not.
        process: alone in its process group.
        log: the file with its output.
        again: the shell command that starts it again on its port, given its settings.
    """

    def __init__(  # noqa: PLR0913 - all but four by name
        self,
        name: str,
        process: ServerProcess,
        log: Path,
        is_ready: Callable[[], Awaitable[bool]],
        *,
        again: str,
        url: str = "",
    ) -> None:
        self.name = name
        self.url = url
        self.log = log
        self.again = again
        self.process = process
        self._is_ready = is_ready

    async def wait_until_ready(self) -> None:
        """Wait until it says that it can do its work.

        Raises:
            ServerStartError: it ended, or takes too long.
        """
        await self.process.wait_until_ready(self._is_ready, seconds=_START_SECONDS)

    async def stop(self) -> None:
        """Ask it to end, and see that it does."""
        await self.process.stop()


async def start_service(
    command: Sequence[str], settings: Mapping[str, str], logs: Path, port: int | None = None
) -> Service:
    """Start a service of Ichor; `/health/ready` says when it is ready.

    Args:
        command: its command, of this environment, and arguments.
        settings: environment variables, `HOST` and `PORT` left out.
        logs: the folder for its log.
        port: None: a free one.
    """
    name, *arguments = command
    port = port or free_port()
    url = f"http://{LOOPBACK}:{port}"

    async def is_ready() -> bool:
        try:
            status, _ = await asyncio.to_thread(request, url, "GET", "/health/ready")
        except (OSError, http.client.HTTPException):
            return False
        return status == 200

    log = logs / f"{name}.log"
    process = await start_server(
        name,
        [Path(sys.executable).parent / name, *arguments],
        log=log,
        env=_environment({**settings, "HOST": LOOPBACK, "PORT": str(port)}),
    )
    again = f"PORT={port} {shlex.join(command)}"
    return Service(name, process, log, is_ready, again=again, url=url)


async def start_outsider(
    name: str, command: Sequence[str], settings: Mapping[str, str], logs: Path, *, ready: str
) -> Service:
    """Start a program of this checkout that is no part of Ichor.

    Args:
        name: what it is called.
        command: the program and its arguments.
        settings: environment variables.
        logs: the folder for its log.
        ready: what its log says once it is ready.
    """
    log = logs / f"{name}.log"

    async def is_ready() -> bool:
        return ready in log.read_text(errors="replace")

    environment = _environment({**settings, "PYTHONPATH": str(ROOT)})
    process = await start_server(name, command, log=log, env=environment)
    program = Path(command[0]).name
    return Service(name, process, log, is_ready, again=shlex.join([program, *command[1:]]))


def _environment(settings: Mapping[str, str]) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(_FOREIGN)}
    return {**kept, **settings}
