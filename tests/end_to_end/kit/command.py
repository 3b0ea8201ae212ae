"""A service as a child process that a test may kill."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2

from ichor_devstack.ports import LOOPBACK, free_port
from ichor_devstack.processes import log_tail

POLL_SECONDS = 0.05


class Command:
    """A command of this environment, on one port over all its starts.

    Args:
        arguments: its name and arguments.
        settings: environment variables, `HOST` and `PORT` left out.
        log: the file to which every start adds.
        port: a free one if None.
    """

    def __init__(
        self,
        arguments: list[str],
        settings: Mapping[str, str],
        log: Path,
        port: int | None = None,
    ) -> None:
        self._arguments = arguments
        self.port = port or free_port()
        self._settings = {**settings, "HOST": LOOPBACK, "PORT": str(self.port)}
        self._log = log
        self._process: asyncio.subprocess.Process | None = None
        self.url = f"http://{LOOPBACK}:{self.port}"

    @property
    def is_running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.returncode is None

    async def start(self, **settings: str) -> None:
        """Start the process; `settings` are for this start alone."""
        assert not self.is_running
        name, *arguments = self._arguments
        with self._log.open("ab") as output:
            self._process = await asyncio.create_subprocess_exec(
                Path(sys.executable).parent / name,
                *arguments,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                process_group=0,
                env={**os.environ, **self._settings, **settings},
            )

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Run it, ready, while the context lasts; then it must end well."""
        await self.start()
        try:
            await self.ready()
            yield
            assert await self.end(signal.SIGTERM) == 0, log_tail(self._log)
        finally:
            if self.is_running:
                await self.end(signal.SIGKILL)

    async def health(self, which: str) -> tuple[int, dict[str, object]]:
        """Ask `live` or `ready`; returns the HTTP status and the answer."""
        async with httpx2.AsyncClient(trust_env=False) as client:
            answer = await client.get(f"{self.url}/health/{which}")
        return answer.status_code, answer.json()

    async def ready(self) -> None:
        """Wait until it says that it is ready."""
        while not await self._is_ready():
            assert self.is_running, f"{self._arguments[0]} ended\n{log_tail(self._log)}"
            await asyncio.sleep(POLL_SECONDS)

    async def _is_ready(self) -> bool:
        try:
            status, _ = await self.health("ready")
        except httpx2.TransportError:
            return False
        return status == 200

    async def logged(self, text: str) -> None:
        """Wait until its log holds a text."""
        while text not in await asyncio.to_thread(self._log.read_text):
            await asyncio.sleep(POLL_SECONDS)

    def tell(self, number: signal.Signals) -> None:
        """Send a signal."""
        assert self._process is not None
        self._process.send_signal(number)

    async def end(self, number: signal.Signals) -> int:
        """Send a signal and return the exit code."""
        self.tell(number)
        return await self.ended()

    async def ended(self) -> int:
        """Wait for its end and return the exit code."""
        assert self._process is not None
        return await self._process.wait()
