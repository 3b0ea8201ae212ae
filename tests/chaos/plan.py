"""Which fault comes when: derived from a seed alone."""

import random
from collections.abc import Iterator

from msgspec import Struct

from tests.chaos.kinds import KINDS, TARGETS

_FIRST, _LAST = 0.02, 0.97
"""Between these shares of the executions the faults come."""


class Fault(Struct, frozen=True, kw_only=True):
    """One fault that is planned."""

    number: int
    """From 1."""
    at: int
    """It comes once so many executions were accepted."""
    kind: str
    target: str
    seconds: float
    latency: float = 0.0
    """Seconds by which each chunk is late."""
    bytes_per_second: int = 0
    """0: no limit."""

    def __str__(self) -> str:
        extra = ""
        if self.latency:
            extra = f" by {self.latency * 1000:.0f} ms"
        if self.bytes_per_second:
            extra = f" to {self.bytes_per_second / 1000:.0f} KB/s"
        return f"{self.kind} {self.target}{extra} for {self.seconds:.1f} s"


class Plan(Struct, frozen=True):
    """The faults of one run, in their order."""

    seed: int
    executions: int
    faults: tuple[Fault, ...]


def make_plan(seed: int, faults: int, executions: int) -> Plan:
    """Return the plan of a seed; the same arguments give the same plan everywhere.

    Every kind meets every target before one comes again: half of the faults are of processes and
    servers, half of links.
    """
    # Its stream is the same in every version of Python, and nothing secret depends on it.
    chance = random.Random(f"{seed}/{faults}/{executions}")
    decks = (_deck(chance, parts=True), _deck(chance, parts=False))
    turns = [number % 2 for number in range(faults)]
    chance.shuffle(turns)
    step = (_LAST - _FIRST) * executions / max(1, faults)
    moments = [
        int(executions * _FIRST + step * (number + chance.random())) for number in range(faults)
    ]
    return Plan(
        seed,
        executions,
        tuple(
            _fault(chance, number, at, *next(decks[turn]))
            for number, (at, turn) in enumerate(zip(moments, turns, strict=True), 1)
        ),
    )


def _deck(chance: random.Random, *, parts: bool) -> Iterator[tuple[str, str]]:
    """Give pairs of kind and target, shuffled anew when each has come."""
    while True:
        pairs = [
            (kind.name, target)
            for kind in KINDS
            for scope in kind.scopes
            if (scope != "link") == parts
            for target in TARGETS[scope]
        ]
        chance.shuffle(pairs)
        yield from pairs


def _fault(chance: random.Random, number: int, at: int, kind: str, target: str) -> Fault:
    bounds = next(one.seconds for one in KINDS if one.name == kind)
    return Fault(
        number=number,
        at=at,
        kind=kind,
        target=target,
        seconds=round(chance.uniform(*bounds), 2),
        latency=round(chance.uniform(0.05, 0.5), 3) if kind == "latency" else 0.0,
        bytes_per_second=chance.randint(2_000, 20_000) if kind == "bandwidth" else 0,
    )
