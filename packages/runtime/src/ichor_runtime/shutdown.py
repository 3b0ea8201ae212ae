"""Shutdown of a process: in order at the first signal, at once at the second."""

import asyncio
import os
import signal
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from typing import Any

from ichor_runtime.telemetry.metrics import collecting

_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_SDK_SETTLE_SECONDS = 0.3


@contextmanager
def stop_signals() -> Generator[asyncio.Event]:
    """Yield an event that the first SIGTERM or SIGINT sets; the second one ends the process.

    It then exits as if the signal had killed it (128 + signal), although work is running.
    """
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()

    def on_signal(number: int) -> None:
        if stop.is_set():
            os._exit(128 + number)
        stop.set()

    for number in _SIGNALS:
        loop.add_signal_handler(number, on_signal, number)
    try:
        yield stop
    finally:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)


def run(main: Callable[[asyncio.Event], Coroutine[Any, Any, None]]) -> None:
    """Run a process that uses the Temporal SDK.

    Args:
        main: is given the event that ends it.
    """

    async def guarded() -> None:
        with stop_signals() as stop:
            async with collecting():
                await main(stop)

    asyncio.run(settled(guarded()))


async def settled(work: Coroutine[Any, Any, None]) -> None:
    """Do the work, then give the SDK's threads time to end.

    Without it, one short process in four crashes when the interpreter exits.
    """
    try:
        await work
    finally:
        await asyncio.sleep(_SDK_SETTLE_SECONDS)


async def is_set_within(event: asyncio.Event, seconds: float) -> bool:
    """Wait for an event, at most this long; say whether it is set."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True
