"""Texts of dates and times, read."""

from __future__ import annotations

import re
from typing import Final

from ichor_feel.values import calendar
from ichor_feel.values.durations import NANOSECONDS, Duration, duration_of
from ichor_feel.values.temporal import Date, DateTime, Temporal, Time, date_at
from ichor_feel.values.zones import MAX_OFFSET, Zone, is_zone

_DATE: Final = re.compile(r"(-?)(\d{4}|[1-9]\d{4,8})-(\d\d)-(\d\d)\Z", re.ASCII)
_TIME: Final = re.compile(
    r"(\d\d):(\d\d):(\d\d)(?:\.(\d{1,40}))?(?:(Z|z)|([+-])(\d\d):(\d\d)(?::(\d\d))?|@(.+))?\Z",
    re.ASCII,
)
_INVALID: Final = object()


def date_from(text: str) -> Date | None:
    """A date by its text, as ``2024-01-31``; None for others and for days that do not exist."""
    found = _DATE.match(text)
    if found is None:
        return None
    year = int(found[2]) * (-1 if found[1] else 1)
    month, day = int(found[3]), int(found[4])
    return Date(year, month, day) if calendar.is_date(year, month, day) else None


def time_from(text: str) -> Time | None:
    """A time by its text, as ``13:45:00+02:00`` or ``13:45:00@Europe/Zurich``."""
    found = _time_parts(text)
    return None if found is None else Time(found[0] % (86_400 * NANOSECONDS), found[1])


def date_time_from(text: str) -> DateTime | None:
    """A date and time by its text; a date alone is at midnight, ``24:00:00`` is the next day."""
    date_text, separator, time_text = text.partition("T")
    date = date_from(date_text)
    if date is None:
        return None
    if not separator:
        return DateTime(date, Time(0))
    parts = _time_parts(time_text)
    if parts is None:
        return None
    nanoseconds, zone = parts
    if nanoseconds == 86_400 * NANOSECONDS:
        following = date_at(date.number + 1)
        return DateTime(following, Time(0, zone)) if following else None
    return DateTime(date, Time(nanoseconds, zone))


def temporal_from(text: str) -> Temporal | Duration | None:
    """A date, time, date and time, or duration, whichever the text is."""
    return date_from(text) or time_from(text) or duration_of(text) or date_time_from(text)


def _time_parts(text: str) -> tuple[int, Zone | None] | None:
    found = _TIME.match(text)
    if found is None:
        return None
    hour, minute, second = int(found[1]), int(found[2]), int(found[3])
    nanosecond = int((found[4] or "0")[:9].ljust(9, "0"))
    end_of_day = (hour, minute, second, nanosecond) == (24, 0, 0, 0)
    if (hour > 23 and not end_of_day) or minute > 59 or second > 59:
        return None
    zone = _zone(found)
    if zone is not None and not isinstance(zone, int | str):
        return None
    return ((hour * 60 + minute) * 60 + second) * NANOSECONDS + nanosecond, zone


def _zone(found: re.Match[str]) -> Zone | object | None:
    if found[5]:
        return 0
    if found[6]:
        if int(found[8]) > 59 or int(found[9] or 0) > 59:
            return _INVALID
        offset = int(found[7]) * 3600 + int(found[8]) * 60 + int(found[9] or 0)
        if offset > MAX_OFFSET:
            return _INVALID
        return -offset if found[6] == "-" else offset
    if found[10]:
        return found[10] if is_zone(found[10]) else _INVALID
    return None
