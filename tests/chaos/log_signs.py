"""Texts in the logs that tell of trouble which no effect shows."""

from collections.abc import Iterator
from pathlib import Path

SIGNS = (
    '"exception":',
    "Traceback (most recent call last)",
    "Task was destroyed but it is pending",
    "Task exception was never retrieved",
    "was never awaited",
    "ReadOnlyContextError",
    "Potential deadlock detected",
    "Nondeterminism",
)


def count_signs(log: Path) -> dict[str, int]:
    """Return how many lines of a log hold each sign; those that none holds are left out."""
    found = dict.fromkeys(SIGNS, 0)
    for line in _lines(log):
        for sign in SIGNS:
            found[sign] += sign in line
    return {sign: times for sign, times in found.items() if times}


def _lines(log: Path) -> Iterator[str]:
    if log.exists():
        with log.open(errors="replace") as lines:
            yield from lines
