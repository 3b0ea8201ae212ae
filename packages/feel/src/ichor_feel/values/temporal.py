"""Dates, times, and both; with years beyond 9999, nanoseconds, and zones by offset or name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ichor_feel.values import calendar
from ichor_feel.values.durations import DAY, NANOSECONDS, fraction
from ichor_feel.values.zones import Zone, offset_at

# Offsets of a named zone differ by date. A time alone has none, so that one is agreed upon.
_DAY_OF_TIMES: Final = calendar.day_number(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Date:
    """A day."""

    year: int
    month: int
    day: int

    @property
    def number(self) -> int:
        """Days since 1970-01-01."""
        return calendar.day_number(self.year, self.month, self.day)

    def __str__(self) -> str:
        sign = "-" if self.year < 0 else ""
        return f"{sign}{abs(self.year):04d}-{self.month:02d}-{self.day:02d}"


@dataclass(frozen=True, slots=True)
class Time:
    """A time of day in nanoseconds since midnight, local if it has no zone."""

    nanoseconds: int
    zone: Zone | None = None

    @property
    def hour(self) -> int:
        """0 to 23."""
        return self.nanoseconds // (3600 * NANOSECONDS)

    @property
    def minute(self) -> int:
        """0 to 59."""
        return self.nanoseconds // (60 * NANOSECONDS) % 60

    @property
    def second(self) -> int:
        """0 to 59; the fraction is cut off."""
        return self.nanoseconds // NANOSECONDS % 60

    @property
    def offset(self) -> int | None:
        """Seconds east of UTC; of a named zone, as on 2000-01-01."""
        if self.zone is None:
            return None
        return offset_at(self.zone, _DAY_OF_TIMES, self.nanoseconds // NANOSECONDS)

    def __str__(self) -> str:
        rest = fraction(self.nanoseconds % NANOSECONDS)
        return f"{self.hour:02d}:{self.minute:02d}:{self.second:02d}{rest}{zone_text(self.zone)}"


@dataclass(frozen=True, slots=True)
class DateTime:
    """A day and a time of day."""

    date: Date
    time: Time

    @property
    def zone(self) -> Zone | None:
        """Of the time."""
        return self.time.zone

    @property
    def offset(self) -> int | None:
        """Seconds east of UTC at this moment."""
        zone = self.time.zone
        if zone is None or isinstance(zone, int):
            return zone
        return offset_at(zone, self.date.number, self.time.nanoseconds // NANOSECONDS)

    @property
    def local(self) -> int:
        """Nanoseconds since 1970-01-01T00:00:00 on the clock that shows it."""
        return self.date.number * DAY + self.time.nanoseconds

    @property
    def instant(self) -> int:
        """Nanoseconds since 1970-01-01T00:00:00Z; a local one is taken as of UTC."""
        return self.local - (self.offset or 0) * NANOSECONDS

    def __str__(self) -> str:
        return f"{self.date}T{self.time}"


Temporal = Date | Time | DateTime


def zone_text(zone: Zone | None) -> str:
    """``Z``, ``+02:00``, ``@Europe/Zurich``, or nothing."""
    if zone is None:
        return ""
    if isinstance(zone, str):
        return f"@{zone}"
    if zone == 0:
        return "Z"
    minutes, seconds = divmod(abs(zone), 60)
    text = f"{'-' if zone < 0 else '+'}{minutes // 60:02d}:{minutes % 60:02d}"
    return f"{text}:{seconds:02d}" if seconds else text


def date_at(number: int) -> Date | None:
    """The day of a day number; None beyond the years that are allowed."""
    year, month, day = calendar.date_of(number)
    return Date(year, month, day) if abs(year) <= calendar.MAX_YEAR else None


def local_at(nanoseconds: int, zone: Zone | None) -> DateTime | None:
    """What a clock in a zone shows; None beyond the years that are allowed."""
    day, rest = divmod(nanoseconds, DAY)
    date = date_at(day)
    return DateTime(date, Time(rest, zone)) if date else None
