"""What can be killed, ended, frozen and started again: a process or a server."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

POLL_SECONDS = 0.05


class Part(Protocol):
    """A process of ours, or a server."""

    async def start(self) -> None:
        """Start it; nothing happens if it runs."""
        ...

    async def crash(self) -> None:
        """Kill it (SIGKILL); nothing happens if it is down."""
        ...

    async def end(self) -> None:
        """Ask it to end, and wait; it is killed if it takes too long."""
        ...

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to each of its processes."""
        ...


async def until(condition: Callable[[], Awaitable[bool]], seconds: float) -> bool:
    """Wait for what will be; says whether it was within so many seconds."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while not await condition():
                await asyncio.sleep(POLL_SECONDS)
            return True
    return False


def signal_all(pids: Iterable[int], number: signal.Signals) -> None:
    """Send a signal to processes, those that have ended meanwhile left out."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def processes_in(folder: Path) -> list[int]:
    """Return the ids of the processes that work in a folder."""
    found: list[int] = []
    for link in Path("/proc").glob("[0-9]*/cwd"):
        with suppress(OSError):  # it ended, or is not ours to see
            if os.readlink(link) == str(folder):
                found.append(int(link.parent.name))
    return found
