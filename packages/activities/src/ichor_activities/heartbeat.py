"""Heartbeats in the background of an action."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from temporalio import activity

LONGEST_BEAT_SECONDS = 5.0
"""Cancellations arrive with the response to a heartbeat: workers must not throttle more."""


@asynccontextmanager
async def heartbeats() -> AsyncGenerator[None]:
    """Heartbeat while the context lasts: dead workers are noticed, and cancellations arrive."""
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
