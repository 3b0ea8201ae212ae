"""Patterns of dates and times, by the letters of Unicode's LDML that need no language."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from ichor_feel.values import calendar
from ichor_feel.values.durations import NANOSECONDS
from ichor_feel.values.temporal import Date, DateTime, Time, zone_text

MAX_PATTERN: Final = 200
_PART: Final = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+|'")


class DatePatternError(ValueError):
    """A pattern with unknown letters, or with some that the value has nothing for."""


_DATE: Final[dict[str, Callable[[Date], str]]] = {
    "yyyy": lambda day: f"{day.year:04d}",
    "y": lambda day: str(day.year),
    "yy": lambda day: f"{day.year % 100:02d}",
    "M": lambda day: str(day.month),
    "MM": lambda day: f"{day.month:02d}",
    "MMM": lambda day: calendar.MONTH_NAMES[day.month - 1][:3],
    "MMMM": lambda day: calendar.MONTH_NAMES[day.month - 1],
    "d": lambda day: str(day.day),
    "dd": lambda day: f"{day.day:02d}",
    "E": lambda day: calendar.DAY_NAMES[calendar.weekday(day.number) - 1][:3],
    "EEE": lambda day: calendar.DAY_NAMES[calendar.weekday(day.number) - 1][:3],
    "EEEE": lambda day: calendar.DAY_NAMES[calendar.weekday(day.number) - 1],
    "w": lambda day: str(calendar.iso_week(day.year, day.month, day.day)),
    "ww": lambda day: f"{calendar.iso_week(day.year, day.month, day.day):02d}",
    "D": lambda day: str(calendar.day_of_year(day.year, day.month, day.day)),
    "DDD": lambda day: f"{calendar.day_of_year(day.year, day.month, day.day):03d}",
    "Q": lambda day: str((day.month + 2) // 3),
}
_TIME: Final[dict[str, Callable[[Time], str]]] = {
    "H": lambda time: str(time.hour),
    "HH": lambda time: f"{time.hour:02d}",
    "h": lambda time: str((time.hour + 11) % 12 + 1),
    "hh": lambda time: f"{(time.hour + 11) % 12 + 1:02d}",
    "m": lambda time: str(time.minute),
    "mm": lambda time: f"{time.minute:02d}",
    "s": lambda time: str(time.second),
    "ss": lambda time: f"{time.second:02d}",
    "S": lambda time: f"{time.nanoseconds % NANOSECONDS:09d}"[:1],
    "SSS": lambda time: f"{time.nanoseconds % NANOSECONDS:09d}"[:3],
    "a": lambda time: "AM" if time.hour < 12 else "PM",
}


def format_moment(value: Date | Time | DateTime, pattern: str) -> str:
    """The value by the pattern."""
    if len(pattern) > MAX_PATTERN:
        raise DatePatternError(f"the pattern is longer than {MAX_PATTERN} characters")
    date = value if isinstance(value, Date) else getattr(value, "date", None)
    time = value if isinstance(value, Time) else getattr(value, "time", None)
    parts: list[str] = []
    for part in _PART.finditer(pattern):
        if part[2]:
            parts.append(_letters(part[0], value, date, time))
        elif part[1] is not None:
            parts.append(part[1].replace("''", "'") or "'")
        elif part[0] == "'":
            raise DatePatternError("a quote in the pattern is not closed")
        else:
            parts.append(part[0])
    return "".join(parts)


def _letters(
    letters: str, value: Date | Time | DateTime, date: Date | None, time: Time | None
) -> str:
    if letters in _DATE:
        if date is None:
            raise DatePatternError(f"{letters} needs a date, and a time has none")
        return _DATE[letters](date)
    if letters in _TIME:
        return _TIME[letters](time or Time(0))
    if letters in {"X", "XXX", "VV"}:
        return _zone(letters, value)
    raise DatePatternError(f"{letters} is unknown; text stands in single quotes")


def _zone(letters: str, value: Date | Time | DateTime) -> str:
    zone = None if isinstance(value, Date) else value.zone
    offset = None if isinstance(value, Date) else value.offset
    if zone is None or offset is None:
        raise DatePatternError(f"{letters} needs a time zone, and the value has none")
    if letters == "VV":
        return zone if isinstance(zone, str) else zone_text(zone)
    return zone_text(offset)
