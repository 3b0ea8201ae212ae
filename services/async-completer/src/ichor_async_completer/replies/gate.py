"""A gate that is closed while Temporal or the database is away; replies wait at it."""

import asyncio
import time


class Gate:
    """Two events, of which exactly one is set."""

    def __init__(self) -> None:
        self._opened = asyncio.Event()
        self._closed = asyncio.Event()
        self._opened.set()
        self.reason = ""
        """The reason for which it is closed."""
        self.closed_at: float | None = None
        """The time at which it was closed, by `time.monotonic`; None while it is open."""

    @property
    def is_open(self) -> bool:
        """Whether replies pass."""
        return self._opened.is_set()

    def open(self) -> None:
        """Let replies pass."""
        self.reason = ""
        self.closed_at = None
        self._closed.clear()
        self._opened.set()

    def close(self, reason: str) -> None:
        """Let replies wait."""
        self.reason = reason
        if self.closed_at is None:
            self.closed_at = time.monotonic()
        self._opened.clear()
        self._closed.set()

    async def opened(self) -> None:
        """Wait until it is open."""
        await self._opened.wait()

    async def closed(self) -> None:
        """Wait until it is closed."""
        await self._closed.wait()
