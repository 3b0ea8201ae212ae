"""Time zones: a fixed offset in seconds, or the name of one in the IANA database.

The database is the system's, or the package `tzdata` where the system has none.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from ichor_feel.values import calendar

Zone = int | str
"""Seconds east of UTC, or an IANA name."""

MAX_OFFSET: Final = 18 * 3600
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+){0,2}\Z")


@lru_cache(maxsize=256)
def _find(name: str) -> ZoneInfo | None:
    if len(name) > 64 or not _NAME.match(name):
        return None
    try:
        return ZoneInfo(name)
    except Exception:  # the library raises many kinds for names that are directories, links, …
        return None


def is_zone(name: str) -> bool:
    """Whether the database has this name."""
    return _find(name) is not None


def offset_at(zone: Zone, day: int, seconds: int) -> int:
    """Offset in seconds at a local time, given as a day number and seconds within the day.

    Of a time that a change of clocks repeats, the first one; of one that it leaves out, the offset
    before the change. Beyond the years of the library, the rules of a year that is alike.
    """
    if isinstance(zone, int):
        return zone
    found = _find(zone)
    if found is None:
        return 0
    year, month, date = calendar.date_of(day)
    if not 2 <= year <= 9_998:
        year = 2 + (year - 2) % 400 if year < 2 else 9_200 + year % 400
    hours, rest = divmod(seconds, 3600)
    moment = datetime(year, month, date, hours, rest // 60, rest % 60, tzinfo=found)
    return _seconds(moment)


def local_of(zone: str, instant: int) -> int:
    """Offset in seconds at an instant, given in seconds since 1970 in UTC."""
    found = _find(zone)
    if found is None:
        return 0
    day, seconds = divmod(instant, 86_400)
    year, month, date = calendar.date_of(day)
    if not 2 <= year <= 9_998:
        return offset_at(zone, day, seconds)
    hours, rest = divmod(seconds, 3600)
    moment = datetime(year, month, date, hours, rest // 60, rest % 60, tzinfo=UTC)
    return _seconds(moment.astimezone(found))


def _seconds(moment: datetime) -> int:
    offset = moment.utcoffset()
    return int(offset / timedelta(seconds=1)) if offset is not None else 0
