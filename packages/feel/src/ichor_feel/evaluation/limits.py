"""Bounds of one evaluation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one evaluation may do.

    Its work is counted, not timed, so that the same expression ends the same way everywhere.
    """

    steps: int = 500_000
    """Nodes evaluated within loops and calls, and items, characters and digits that functions pass
    over; some tenths of a microsecond each."""
    items: int = 200_000
    """Items of lists and entries of contexts that are made, all together."""
    characters: int = 1_048_576
    """Characters of texts that are made, all together."""
    stack: int = 250
    """Levels of nesting, those of called functions included."""


DEFAULT_LIMITS: Final = Limits()
MAX_VALUE_DEPTH: Final = 64
"""Deepest nesting of lists and contexts that are compared, printed or taken as input."""
MAX_PROBLEMS: Final = 100
"""Failures that are kept apart; the rest share one."""
