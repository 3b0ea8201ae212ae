"""The two kinds of durations."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

NANOSECONDS: Final = 1_000_000_000
DAY: Final = 86_400 * NANOSECONDS
# About three billion years, the span of all dates; and what keeps arithmetic on them cheap.
MAX_MONTHS: Final = 36_000_000_000
MAX_NANOSECONDS: Final = MAX_MONTHS * 31 * DAY


@dataclass(frozen=True, slots=True, order=True)
class DaysDuration:
    """A days and time duration, in nanoseconds."""

    nanoseconds: int

    def __str__(self) -> str:
        return _days_text(self.nanoseconds)


@dataclass(frozen=True, slots=True, order=True)
class MonthsDuration:
    """A years and months duration, in months."""

    months: int

    def __str__(self) -> str:
        years, months = divmod(abs(self.months), 12)
        text = (f"{years}Y" if years else "") + (f"{months}M" if months else "")
        return f"{'-' if self.months < 0 else ''}P{text or '0M'}"


Duration = DaysDuration | MonthsDuration

_DAYS: Final = re.compile(
    r"(-?)P(?:(\d{1,18})D)?(?:T(?:(\d{1,18})H)?(?:(\d{1,18})M)?(?:(\d{1,18})(?:\.(\d{1,40}))?S)?)?\Z",
    re.ASCII,
)
_MONTHS: Final = re.compile(r"(-?)P(?:(\d{1,18})Y)?(?:(\d{1,18})M)?\Z", re.ASCII)


def duration_of(text: str) -> Duration | None:
    """The duration that an ISO 8601 text means; None for others and for both kinds in one."""
    if found := _MONTHS.match(text):
        if found[2] is None and found[3] is None:
            return None
        months = int(found[2] or 0) * 12 + int(found[3] or 0)
        return months_duration(-months if found[1] else months)
    found = _DAYS.match(text)
    if found is None or text[-1] in "PT":
        return None
    seconds = (
        int(found[2] or 0) * 86_400
        + int(found[3] or 0) * 3600
        + int(found[4] or 0) * 60
        + int(found[5] or 0)
    )
    nanoseconds = seconds * NANOSECONDS + int((found[6] or "0")[:9].ljust(9, "0"))
    return days_duration(-nanoseconds if found[1] else nanoseconds)


def days_duration(nanoseconds: int) -> DaysDuration | None:
    """A duration, or None beyond the limit."""
    return DaysDuration(nanoseconds) if abs(nanoseconds) <= MAX_NANOSECONDS else None


def months_duration(months: int) -> MonthsDuration | None:
    """A duration, or None beyond the limit."""
    return MonthsDuration(months) if abs(months) <= MAX_MONTHS else None


def fraction(nanoseconds: int) -> str:
    """``.5`` for half a second; nothing for none."""
    return f".{nanoseconds:09d}".rstrip("0") if nanoseconds else ""


def _days_text(nanoseconds: int) -> str:
    seconds, rest = divmod(abs(nanoseconds), NANOSECONDS)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    date = f"{days}D" if days else ""
    time = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    if seconds or rest:
        time += f"{seconds}{fraction(rest)}S"
    if not date and not time:
        return "PT0S"
    return f"{'-' if nanoseconds < 0 else ''}P{date}{'T' + time if time else ''}"
