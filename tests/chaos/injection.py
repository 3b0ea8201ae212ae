"""Carries out a fault on a system, and undoes it."""

import asyncio
import signal

from tests.chaos.kinds import LINKS
from tests.chaos.plan import Fault
from tests.chaos.proxy import Proxy
from tests.chaos.system import System


async def inject(system: System, fault: Fault) -> None:
    """Let a fault happen and end; what was down is started again, and not awaited to be ready."""
    if fault.target in LINKS:
        await _break_link(system.proxies[fault.target], fault)
        return
    part = system.parts[fault.target]
    match fault.kind:
        case "crash":
            await part.crash()
            await asyncio.sleep(fault.seconds)
            await part.start()
        case "restart":
            await part.end()
            await asyncio.sleep(fault.seconds)
            await part.start()
        case "pause":
            part.signal(signal.SIGSTOP)
            try:
                await asyncio.sleep(fault.seconds)
            finally:
                part.signal(signal.SIGCONT)
        case _:
            raise ValueError(f"no fault of a process or server: {fault.kind}")


async def _break_link(link: Proxy, fault: Fault) -> None:
    match fault.kind:
        case "reset":
            await link.reset()
        case "refuse":
            await link.refuse()
            await link.reset()
        case "latency":
            link.latency = fault.latency
        case "bandwidth":
            link.bytes_per_second = fault.bytes_per_second
        case "black-hole":
            link.discard("request", "reply")
        case "reply-loss":
            link.discard("reply")
        case "partition":
            link.partition()
        case _:
            raise ValueError(f"no fault of a link: {fault.kind}")
    await asyncio.sleep(fault.seconds)
    await link.heal()
