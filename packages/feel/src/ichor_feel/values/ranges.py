"""Ranges as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Range:
    """From `start` to `end`, each included or not.

    An end that is open for good, as that of ``(> 5)``, is `UNBOUNDED`; one that is null was given
    as null, and nothing is known to be in such a range. ``(!= 5)`` is the range of all but 5:
    `excluded` is then true and both ends are 5.
    """

    start: Any
    end: Any
    start_included: bool
    end_included: bool
    excluded: bool = False


class Unbounded:
    """The end of a range that has none there."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNBOUNDED"


UNBOUNDED = Unbounded()


def one_sided(operator: str, value: Any) -> Range:
    """The range that a test with an operator holds for."""
    match operator:
        case "<":
            return Range(UNBOUNDED, value, False, False)
        case "<=":
            return Range(UNBOUNDED, value, False, True)
        case ">":
            return Range(value, UNBOUNDED, False, False)
        case ">=":
            return Range(value, UNBOUNDED, True, False)
        case "=":
            return Range(value, value, True, True)
        case _:
            return Range(value, value, False, False, excluded=True)
