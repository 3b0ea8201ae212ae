"""Runs workflows in turn and says how long they took."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

RunOne = Callable[[], Awaitable[None]]


class Figures(NamedTuple):
    """Of one contender at one load."""

    per_second: float
    p50_ms: float
    p99_ms: float


async def measure(
    contenders: Mapping[str, RunOne],
    *,
    at_a_time: int,
    runs: int,
    rounds: int,
    times: Mapping[str, int] | None = None,
) -> dict[str, Figures]:
    """Let the contenders run in turn, round by round, so that a slow moment meets all of them.

    Args:
        contenders: by name, what runs one workflow, or another thing, to its end.
        at_a_time: so many are in flight.
        runs: of each contender in each round.
        rounds: how often each has its turn; the median of the rounds counts.
        times: by name, which contender runs so many times more often.
    """
    rates: dict[str, list[float]] = {name: [] for name in contenders}
    taken: dict[str, list[float]] = {name: [] for name in contenders}
    for run_one in contenders.values():  # warm up
        await _round(run_one, at_a_time, at_a_time + 2)
    for _ in range(rounds):
        for name, run_one in contenders.items():
            own = runs * (times or {}).get(name, 1)
            start = time.perf_counter()
            taken[name] += await _round(run_one, at_a_time, own)
            rates[name].append(own / (time.perf_counter() - start))
    return {
        name: Figures(
            statistics.median(rates[name]),
            statistics.median(taken[name]) * 1000,
            statistics.quantiles(taken[name], n=100)[98] * 1000,
        )
        for name in contenders
    }


async def _round(run_one: RunOne, at_a_time: int, runs: int) -> list[float]:
    left = runs
    taken: list[float] = []

    async def one_after_the_other() -> None:
        nonlocal left
        while left > 0:
            left -= 1
            start = time.perf_counter()
            await run_one()
            taken.append(time.perf_counter() - start)

    await asyncio.gather(*(one_after_the_other() for _ in range(at_a_time)))
    return taken
