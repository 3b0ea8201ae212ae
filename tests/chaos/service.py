"""A process of ours under a supervisor that starts it again when it ends by itself."""

import asyncio
import signal
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import httpx2
from msgspec import Struct

from ichor_devstack.processes import log_tail
from tests.end_to_end.kit.command import Command

END_SECONDS = 30.0
"""So long after SIGTERM it is killed, as orchestrators do."""
RESTART_SECONDS = 1.0
GRACE_SECONDS = 5
"""`SHUTDOWN_GRACE_SECONDS` of every process."""


class Exit(Struct, frozen=True):
    """An end that nobody asked for, or not in this way."""

    process: str
    why: str
    log: str = ""
    """Its last lines."""


class Service:
    """A process, which is kept running but for the faults.

    Args:
        name: what the plan calls it.
        arguments: its command.
        settings: its environment.
        folder: of its log.
        once: settings of its first start alone.
        ready_line: what it logs when it is ready; None: it answers `/health/ready`.
    """

    def __init__(
        self,
        name: str,
        arguments: list[str],
        settings: Mapping[str, str],
        folder: Path,
        *,
        once: Mapping[str, str] | None = None,
        ready_line: str | None = None,
    ) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        self.crashes: list[Exit] = []
        """Ends by itself."""
        self.late: list[Exit] = []
        """Ends after SIGTERM that had to be forced, or were not clean."""
        self._once = dict(once or {})
        self._ready_line = ready_line
        self._logged = 0
        """Size of its log when it was started last."""
        grace = {"SHUTDOWN_GRACE_SECONDS": str(GRACE_SECONDS)}
        self._command = Command(arguments, {**grace, **settings}, self.log)
        self._watch: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Of its HTTP interface."""
        return self._command.url

    async def start(self) -> None:
        """Start it; nothing happens if it runs."""
        if not self._command.is_running:
            await self._start()
            self._watch = asyncio.create_task(self._keep_running())

    async def crash(self) -> None:
        """Kill it (SIGKILL); nothing happens if it is down."""
        await self._leave_alone()
        if self._command.is_running:
            await self._command.end(signal.SIGKILL)

    async def end(self) -> None:
        """Tell it to end (SIGTERM); it is killed if it takes too long."""
        await self._leave_alone()
        if not self._command.is_running:
            return
        self._command.tell(signal.SIGTERM)
        try:
            async with asyncio.timeout(END_SECONDS):
                code = await self._command.ended()
        except TimeoutError:
            self.late.append(Exit(self.name, f"still there {END_SECONDS:.0f} s after SIGTERM"))
            await self._command.end(signal.SIGKILL)
            return
        if code:
            self.late.append(Exit(self.name, f"ended with {code} after SIGTERM"))

    def signal(self, number: signal.Signals) -> None:
        """Send a signal; nothing happens if it is down."""
        if self._command.is_running:
            self._command.tell(number)

    async def is_ready(self) -> bool:
        """Say whether it answers, or has logged, that it is."""
        if self._ready_line is not None:
            written = (await asyncio.to_thread(self.log.read_bytes))[self._logged :]
            return self._command.is_running and self._ready_line.encode() in written
        try:
            async with asyncio.timeout(5):
                return (await self._command.health("ready"))[0] == 200
        except (httpx2.TransportError, TimeoutError):
            return False

    async def _start(self) -> None:
        self._logged = self.log.stat().st_size if self.log.exists() else 0
        once, self._once = self._once, {}
        await self._command.start(**once)

    async def _leave_alone(self) -> None:
        watch, self._watch = self._watch, None
        if watch is not None:
            watch.cancel()
            with suppress(asyncio.CancelledError):
                await watch

    async def _keep_running(self) -> None:
        while True:
            code = await self._command.ended()
            tail = await asyncio.to_thread(log_tail, self.log)
            self.crashes.append(Exit(self.name, f"ended by itself with {code}", tail))
            await asyncio.sleep(RESTART_SECONDS)
            await self._start()
