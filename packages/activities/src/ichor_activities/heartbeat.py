"""Heartbeats for a handler that knows nothing of them."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from temporalio import activity

LONGEST_BEAT_SECONDS = 5.0
"""A cancellation arrives with the answer to a heartbeat. A worker must not throttle them more."""


@asynccontextmanager
async def heartbeats() -> AsyncGenerator[None]:
    """Heartbeat in the background, so that a dead worker is noticed and a cancellation arrives."""
    timeout = activity.info().heartbeat_timeout
    if activity.info().is_local or not timeout:
        yield
        return
    task = asyncio.create_task(_beat(min(timeout.total_seconds() / 3, LONGEST_BEAT_SECONDS)))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _beat(seconds: float) -> None:
    while True:
        activity.heartbeat()
        await asyncio.sleep(seconds)
