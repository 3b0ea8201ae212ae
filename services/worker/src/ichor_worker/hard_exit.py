"""The end of a process whose orderly end takes too long.

A workflow that cannot be evicted holds its thread, and the SDK waits for it without end. What such
a process had begun, another one does again: nothing depends on an orderly end.
"""

import asyncio
import os
import signal
import threading

import structlog

AFTER_GRACE_SECONDS = 0.9
"""Time for what follows the grace: closing connections, sending the last metrics."""
EXIT_STATUS = 128 + signal.SIGTERM
"""As if the signal had killed the process."""

_logger = structlog.get_logger(__name__)


async def exit_hard(stop: asyncio.Event, grace_seconds: float) -> None:
    """Wait for the event; end the process if it still runs when the grace is over.

    A thread counts the time, for the event loop may be blocked.
    """
    await stop.wait()
    timer = threading.Timer(grace_seconds + AFTER_GRACE_SECONDS, _exit, [grace_seconds])
    timer.daemon = True
    timer.start()


def _exit(grace_seconds: float) -> None:
    _logger.error("Worker did not stop within its grace; exiting", grace_seconds=grace_seconds)
    os._exit(EXIT_STATUS)
