"""Types of arithmetic."""

from __future__ import annotations

from typing import Final

from ichor_feel.values.types import (
    ANY,
    DATE,
    DATE_TIME,
    DAYS_DURATION,
    MONTHS_DURATION,
    NUMBER,
    STRING,
    TIME,
    Type,
)

_DURATIONS: Final = (DAYS_DURATION, MONTHS_DURATION)
_RESULTS: Final[dict[tuple[str, Type, Type], Type]] = {
    **{(operator, NUMBER, NUMBER): NUMBER for operator in ("+", "-", "*", "/", "**")},
    ("+", STRING, STRING): STRING,
    **{("-", one, one): DAYS_DURATION for one in (DATE, DATE_TIME, TIME)},
    ("-", DATE, DATE_TIME): DAYS_DURATION,
    ("-", DATE_TIME, DATE): DAYS_DURATION,
    **{
        (operator, moment, duration): moment
        for operator in ("+", "-")
        for moment in (DATE, DATE_TIME)
        for duration in _DURATIONS
    },
    **{("+", duration, moment): moment for moment in (DATE, DATE_TIME) for duration in _DURATIONS},
    ("+", TIME, DAYS_DURATION): TIME,
    ("-", TIME, DAYS_DURATION): TIME,
    ("+", DAYS_DURATION, TIME): TIME,
    **{(operator, one, one): one for operator in ("+", "-") for one in _DURATIONS},
    **{(operator, one, NUMBER): one for operator in ("*", "/") for one in _DURATIONS},
    **{("*", NUMBER, one): one for one in _DURATIONS},
    **{("/", one, one): NUMBER for one in _DURATIONS},
}


def arithmetic_type(operator: str, left: Type, right: Type) -> Type | None:
    """The type of a result; Any if an operand's is not known, None if the two do not fit."""
    if ANY in (left, right):
        known = right if left == ANY else left
        fits = known == ANY or any(key[0] == operator and known in key[1:] for key in _RESULTS)
        return ANY if fits else None
    return _RESULTS.get((operator, left, right))
