"""Processes that should not end while the demo runs."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from msgspec import Struct

from ichor_core.errors import IchorError
from ichor_devstack.processes import ServerProcess, log_tail

_WATCH_SECONDS = 0.2
_TAIL_LINES = 10
_LINE_WIDTH = 160


class ServerEndedError(IchorError, RuntimeError):
    """A server ended though nobody asked it to; the message ends with the tail of its log."""


class Watched(Struct, frozen=True):
    """A process, and what is said if it ends."""

    name: str
    process: ServerProcess
    log: Path
    again: str = ""
    """The shell command that starts it again on the same port, given the variables of the demo;
    empty for a server, whose data end with it."""
    revive: Callable[[], Awaitable[ServerProcess]] | None = None
    """Starts it again; None where that is left to the user, or cannot be done."""

    async def ended(self) -> str:
        """Wait until it ends, and return how in words: ``ichor-worker ended (signal 9)``."""
        while self.process.returncode is None:  # noqa: ASYNC110 - it can only be asked
            await asyncio.sleep(_WATCH_SECONDS)
        code = self.process.returncode
        return f"{self.name} ended ({f'signal {-code}' if code < 0 else f'exit code {code}'})"

    def tail(self) -> list[str]:
        """Return the last lines of its log, long ones cut."""
        lines = log_tail(self.log).splitlines()[-_TAIL_LINES:]
        return [one if len(one) <= _LINE_WIDTH else one[: _LINE_WIDTH - 1] + "…" for one in lines]

    def error(self, ended: str) -> ServerEndedError:
        """Return the error that it has ended."""
        return ServerEndedError("\n".join([f"{ended}; its log is {self.log}", *self.tail()]))
