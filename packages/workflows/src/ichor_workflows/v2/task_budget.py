"""Keeps one workflow task small: its message, its commands, and what waits to be sent.

All commands and all results of local activities that come together in one workflow task travel in
one message, and a message of more than 4 MB fails the task forever. Each command costs processor
time, of which a task has two seconds. And nothing leaves before the local activities of the task
have ended. What would exceed the budget waits for a timer of a millisecond, which ends the task.
"""

import asyncio
from datetime import timedelta

from temporalio import workflow

PAUSE = timedelta(milliseconds=1)
MAX_COMMANDS = 100
"""Most actions that one workflow task begins."""


class TaskBudget:
    """Counts what the current workflow task is going to send.

    Which commands have left is known by what comes back: a command gets a stamp, equal for those
    that are given between two arrivals and so in one task, and when one comes back, those with its
    stamp and all before have left. Nothing depends on how the SDK groups what it delivers, which
    may differ between a run and its replay.

    Args:
        max_bytes: how many it may send.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._commands = 0
        self._stamp = 1
        self._last = 0
        self._left = 0
        self._pause: asyncio.Task[None] | None = None

    @property
    def has_room(self) -> bool:
        """Whether this task may begin another action."""
        return self._commands < MAX_COMMANDS

    @property
    def has_unsent(self) -> bool:
        """Whether commands may be waiting for this task to end."""
        return self._last > self._left

    def reserve(self, commands: int = 1, *, local: bool = False) -> int:
        """Count commands of an action, and return their stamp.

        Args:
            commands: how many; 0: they were counted, and are given now.
            local: they leave when the workflow task ends, and nobody waits for that.
        """
        self._commands += commands
        if not local:
            self._last = self._stamp
        return self._stamp

    def arrived(self, stamp: int | None) -> None:
        """Note that something came back.

        Args:
            stamp: of the command that came back; None: a local activity did.
        """
        if stamp is not None:
            self._left = max(self._left, stamp)
            if not self.has_unsent:
                self._commands = 0
        self._stamp += 1

    def spend(self, size: int) -> None:
        """Count bytes of a command or of a local activity's result."""
        self._bytes += size

    async def wait_for_bytes(self) -> None:
        """Return at once while there are bytes left, else when another workflow task has begun."""
        while self._bytes > self._max_bytes:
            await self.end_task()

    async def wait_for_room(self) -> None:
        """Return at once while the task may begin another action, else when another has begun."""
        while not self.has_room:
            await self.end_task()

    def end_task(self) -> asyncio.Future[None]:
        """Set the timer that ends this workflow task, and return what is done in the next one."""
        if self._pause is None:
            self._pause = asyncio.create_task(self._begin_task(self._stamp))
            self._stamp += 1
        # The task is everybody's: one action that is cancelled must not end it.
        return asyncio.shield(self._pause)

    async def _begin_task(self, stamp: int) -> None:
        await workflow.sleep(PAUSE, summary="next task")
        self._bytes = 0
        self._commands = 0
        self._pause = None
        self.arrived(stamp)
