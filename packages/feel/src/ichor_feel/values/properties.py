"""Properties of values that are no contexts, as ``.year`` of a date."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from ichor_feel.values.calendar import weekday
from ichor_feel.values.durations import DAY, NANOSECONDS, DaysDuration, MonthsDuration
from ichor_feel.values.ranges import UNBOUNDED, Range
from ichor_feel.values.temporal import Date, DateTime, Time

_Property = Callable[[Any], Any]


def _number(read: Callable[[Any], int]) -> _Property:
    return lambda value: Decimal(read(value))


def _time_offset(value: Time | DateTime) -> DaysDuration | None:
    offset = value.offset
    return None if offset is None else DaysDuration(offset * NANOSECONDS)


def _timezone(value: Time | DateTime) -> str | None:
    return value.zone if isinstance(value.zone, str) else None


def _cut(amount: int, unit: int, within: int | None = None) -> int:
    """Whole units of an amount, and of a larger unit those left over; negative ones alike."""
    whole = abs(amount) // unit
    if within is not None:
        whole %= within
    return -whole if amount < 0 else whole


_DATE: Final[dict[str, _Property]] = {
    "year": _number(lambda date: date.year),
    "month": _number(lambda date: date.month),
    "day": _number(lambda date: date.day),
    "weekday": _number(lambda date: weekday(date.number)),
}
_TIME: Final[dict[str, _Property]] = {
    "hour": _number(lambda time: time.hour),
    "minute": _number(lambda time: time.minute),
    "second": lambda time: _seconds(time.nanoseconds),
    "time offset": _time_offset,
    "timezone": _timezone,
}


def _of(part: str, read: _Property) -> _Property:
    return lambda value: read(getattr(value, part))


def _end(value: Any) -> Any:
    return None if value is UNBOUNDED else value


PROPERTIES: Final[dict[type[Any], dict[str, _Property]]] = {
    Date: _DATE,
    Time: _TIME,
    DateTime: {
        **{name: _of("date", read) for name, read in _DATE.items()},
        **{name: _of("time", read) for name, read in _TIME.items()},
        "time offset": _time_offset,
    },
    DaysDuration: {
        "days": _number(lambda value: _cut(value.nanoseconds, DAY)),
        "hours": _number(lambda value: _cut(value.nanoseconds, 3600 * NANOSECONDS, 24)),
        "minutes": _number(lambda value: _cut(value.nanoseconds, 60 * NANOSECONDS, 60)),
        "seconds": lambda value: _seconds(value.nanoseconds),
    },
    MonthsDuration: {
        "years": _number(lambda value: _cut(value.months, 12)),
        "months": _number(lambda value: _cut(value.months, 1, 12)),
    },
    Range: {
        "start": lambda value: _end(value.start),
        "end": lambda value: _end(value.end),
        "start included": lambda value: value.start_included,
        "end included": lambda value: value.end_included,
    },
}


def _seconds(nanoseconds: int) -> Decimal:
    rest = abs(nanoseconds) % (60 * NANOSECONDS)
    return Decimal(-rest if nanoseconds < 0 else rest).scaleb(-9).normalize()
