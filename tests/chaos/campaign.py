"""One run: load and faults side by side, then healing, the wait for the rest, the evidence."""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from tests.chaos.checker import check
from tests.chaos.collection import collect
from tests.chaos.evidence import Evidence
from tests.chaos.injection import inject
from tests.chaos.load import Load, make_events
from tests.chaos.plan import Fault, Plan
from tests.chaos.system import System, system
from tests.chaos.violations import Violation

AT_A_TIME = 3
"""Faults that overlap."""
WHOLE_SECONDS = 180.0
STUCK_SECONDS = 150.0
"""So long after anything has ended last, with nothing broken, what has not ended is stuck.

It is more than any wait that a fault may lead to: a heartbeat of a minute, a sweep, a retry.
"""

Say = Callable[[str], None]


class Injected(Struct, frozen=True):
    """A fault that was carried out."""

    fault: Fault
    began: float
    until: float
    """When it began and was over, in seconds since 1970."""
    accepted: int
    """Executions accepted, and ended, when it began."""
    ended: int


class Outcome(Struct, frozen=True, kw_only=True):
    """What a run led to."""

    plan: Plan
    injected: tuple[Injected, ...]
    evidence: Evidence
    violations: tuple[Violation, ...]
    retries: int
    load_seconds: float
    seconds: float
    slow_to_heal: bool
    """Whether the system was not whole within its bound after the last fault."""

    @property
    def kinds(self) -> Counter[str]:
        """How many faults of each kind were injected."""
        return Counter(one.fault.kind for one in self.injected)

    @property
    def verdicts(self) -> Counter[str]:
        """How many violations of each kind there are."""
        return Counter(one.verdict for one in self.violations)


async def run(plan: Plan, folder: Path, say: Say) -> Outcome:
    """Run a plan on a system of its own in a folder; raises where a server does not start."""
    say(f"seed {plan.seed}: {len(plan.faults)} faults over {plan.executions} executions")
    began = time.monotonic()
    async with system(folder) as ichor:
        say(f"{time.monotonic() - began:6.1f} s  the system is up; logs in {folder}")
        events = make_events(plan.seed, plan.executions, ichor.shapes.values())
        load = Load(ichor, events)
        campaign = Campaign(plan, ichor, load, say)
        try:
            return await campaign.run()
        finally:
            await load.close()


class Campaign:
    """A plan that is carried out on a system under a load.

    Args:
        plan: which faults come when.
        ichor: is whole.
        load: has not begun.
        say: is told what happens.
    """

    def __init__(self, plan: Plan, ichor: System, load: Load, say: Say) -> None:
        self._plan = plan
        self._system = ichor
        self._load = load
        self._say = say
        self._began = time.monotonic()
        self._injected: list[Injected] = []

    async def run(self) -> Outcome:
        """Run it all; returns when everything has ended or is stuck."""
        self._began = time.monotonic()
        # An error in one of these ends the run at once: without them it would prove nothing.
        async with asyncio.TaskGroup() as clients:
            watching = [
                clients.create_task(one)
                for one in (self._load.watch(), self._load.decide(), self._progress())
            ]
            async with asyncio.TaskGroup() as both:
                both.create_task(self._load.send_all())
                both.create_task(self._break())
            await self._system.heal()
            whole = await self._system.is_whole(WHOLE_SECONDS)
            self._note("all healed" if whole else "healed, and not ready")
            await self._wait_for_rest()
            for task in watching:
                task.cancel()
        load_seconds = time.monotonic() - self._began
        evidence = await collect(self._system, self._load)
        return Outcome(
            plan=self._plan,
            injected=tuple(self._injected),
            evidence=evidence,
            violations=tuple(check(evidence, self._system.shapes)),
            retries=self._load.retries,
            load_seconds=load_seconds,
            seconds=time.monotonic() - self._began,
            slow_to_heal=not whole,
        )

    async def _break(self) -> None:
        """Let the faults happen, each at its moment, those of one target after each other."""
        gate = asyncio.Semaphore(AT_A_TIME)
        targets: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        async with asyncio.TaskGroup() as faults:
            for fault in self._plan.faults:
                await self._load.reached(fault.at)
                await gate.acquire()
                await targets[fault.target].acquire()
                faults.create_task(self._inject(fault, gate, targets[fault.target]))

    async def _inject(self, fault: Fault, gate: asyncio.Semaphore, target: asyncio.Lock) -> None:
        try:
            began, accepted, ended = time.time(), self._load.accepted, self._load.ended
            self._note(f"fault {fault.number}/{len(self._plan.faults)}: {fault}")
            await inject(self._system, fault)
            self._injected.append(Injected(fault, began, time.time(), accepted, ended))
        finally:
            target.release()
            gate.release()

    async def _wait_for_rest(self) -> None:
        """Wait until all have ended, or nothing has for long."""
        while self._load.in_flight:
            before = self._load.ended
            with suppress(TimeoutError):
                async with asyncio.timeout(STUCK_SECONDS):
                    while self._load.in_flight and self._load.ended == before:
                        await asyncio.sleep(0.1)
            if self._load.ended == before:
                self._note(f"{len(self._load.in_flight)} are stuck")
                return

    async def _progress(self) -> None:
        while True:
            await asyncio.sleep(10)
            self._note("")

    def _note(self, text: str) -> None:
        moment = time.monotonic() - self._began
        load = self._load
        self._say(f"{moment:6.1f} s  accepted {load.accepted:5} ended {load.ended:5}  {text}")
