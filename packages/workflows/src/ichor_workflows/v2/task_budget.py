"""Keeps the message of one workflow task below the size that the server accepts.

All commands and all results of local activities that come together in one workflow task travel in
one message, and a message of more than 4 MB fails the task forever. An action that would exceed the
budget waits for a timer of a millisecond, which ends the task.
"""

import asyncio
from datetime import timedelta

from temporalio import workflow

PAUSE = timedelta(milliseconds=1)


class TaskBudget:
    """Counts the bytes that the current workflow task is going to send.

    Args:
        max_bytes: how many it may send.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._spent = 0
        self._pause: asyncio.Task[None] | None = None

    def spend(self, size: int) -> None:
        """Count bytes of a command or of a local activity's result."""
        self._spent += size

    async def wait(self) -> None:
        """Return at once while there is budget, else when another workflow task has begun."""
        while self._spent > self._max_bytes:
            if self._pause is None:
                self._pause = asyncio.create_task(self._begin_task())
            await self._pause

    async def _begin_task(self) -> None:
        await workflow.sleep(PAUSE, summary="message size")
        self._spent = 0
        self._pause = None
