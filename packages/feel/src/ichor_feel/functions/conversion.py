"""Conversion between kinds."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, Final

from ichor_feel.evaluation.arithmetic import at_instant
from ichor_feel.functions.call import Call
from ichor_feel.functions.registry import Family
from ichor_feel.values import calendar
from ichor_feel.values.durations import NANOSECONDS, DaysDuration, duration_of
from ichor_feel.values.numbers import literal
from ichor_feel.values.temporal import Date, DateTime, Time
from ichor_feel.values.temporal_text import date_from, date_time_from, time_from
from ichor_feel.values.text import text_of
from ichor_feel.values.zones import MAX_OFFSET, is_zone

_family = Family("conversion")
_camunda = Family("conversion", "Camunda")
_NUMBER: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,6})?\Z", re.ASCII)
_MAX_SHOWN: Final = 60


def _unreadable(call: Call, text: str, kind: str) -> Any:
    shown = text if len(text) <= _MAX_SHOWN else text[:_MAX_SHOWN] + "…"
    return call.fail(f'"{shown}" is no {kind}', found=f'the string "{shown}"')


@_family.function(
    "string",
    "from: Any",
    gives="string",
    summary="A value as text; null stays null.",
    example="string(1.10)",
    result='"1.1"',
)
def string(call: Call, value: Any) -> Any:
    """As text."""
    from ichor_feel.values.kinds import is_null

    return value if is_null(value) else text_of(call.runtime, value)


@_family.function(
    "number",
    "from: string",
    "grouping separator: string!",
    "decimal separator: string!",
    gives="number",
    summary="The number that a text spells, with the separators it uses: a space, comma or point "
    "between groups of digits, a comma or point before the fraction.",
    example='number("1 000,5", " ", ",")',
    result="1000.5",
)
def number(call: Call, text: str, grouping: str | None, point: str | None) -> Any:
    """By separators."""
    if grouping not in {None, " ", ",", "."}:
        return call.fail("the grouping separator must be a space, comma or point")
    if point not in {None, ",", "."}:
        return call.fail("the decimal separator must be a comma or point")
    if grouping is not None and grouping == point:
        return call.fail("the separators must be different")
    call.runtime.spend(len(text))
    return _spelled(call, text, grouping, point)


def _spelled(call: Call, text: str, grouping: str | None, point: str | None) -> Any:
    digits = text.replace(grouping, "") if grouping else text
    if point == ",":
        if "." in digits:
            return _unreadable(call, text, "number")
        digits = digits.replace(",", ".")
    value = literal(digits) if len(digits) < 10_000 and _NUMBER.match(digits) else None
    return _unreadable(call, text, "number") if value is None else value


@_family.also("number", "from: string")
def plain_number(call: Call, text: str) -> Any:
    """With a point and no groups."""
    call.runtime.spend(len(text))
    return _spelled(call, text, None, ".")


@_family.also("number", "from: number")
def same_number(_: Call, value: Decimal) -> Any:
    """Itself."""
    return value


@_family.function(
    "date",
    "from: string",
    gives="date",
    summary="A date of a text, of a date and time, or of year, month and day.",
    example="date(2024, 2, 29)",
    result='@"2024-02-29"',
)
def date(call: Call, text: str) -> Any:
    """By its text."""
    found = date_from(text)
    return _unreadable(call, text, "date") if found is None else found


@_family.also("date", "from: date | date and time")
def date_part(_: Call, moment: Date | DateTime) -> Any:
    """Of a date and time."""
    return moment if isinstance(moment, Date) else moment.date


@_family.also("date", "year: number", "month: number", "day: number")
def date_of_parts(call: Call, year: Decimal, month: Decimal, day: Decimal) -> Any:
    """Of year, month and day."""
    if abs(year) <= calendar.MAX_YEAR and 1 <= month <= 12 and 1 <= day <= 31:
        parts = int(year), int(month), int(day)
        if calendar.is_date(*parts):
            return Date(*parts)
    return call.fail("there is no such date")


@_family.function(
    "time",
    "from: string",
    gives="time",
    summary="A time of a text, of a date and time, or of hour, minute, second and, if it has one, "
    "offset.",
    example='time(13, 45, 0, duration("PT2H"))',
    result='@"13:45:00+02:00"',
)
def time(call: Call, text: str) -> Any:
    """By its text."""
    found = time_from(text)
    if found is None:
        moment = date_time_from(text)
        return _unreadable(call, text, "time") if moment is None else moment.time
    return found


@_family.also("time", "from: time | date and time | date")
def time_part(_: Call, moment: Time | DateTime | Date) -> Any:
    """Of a date and time."""
    if isinstance(moment, Date):
        return Time(0, 0)
    return moment if isinstance(moment, Time) else moment.time


@_family.also(
    "time",
    "hour: number",
    "minute: number",
    "second: number",
    "offset: days and time duration?!",
)
def time_of_parts(
    call: Call,
    hour: Decimal,
    minute: Decimal,
    second: Decimal,
    offset: DaysDuration | None = None,
) -> Any:
    """Of its parts."""
    if not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60):
        return call.fail("there is no such time")
    zone = None
    if offset is not None:
        zone, rest = divmod(abs(offset.nanoseconds), NANOSECONDS)
        if zone > MAX_OFFSET or rest:
            return call.fail("an offset is whole seconds and at most 18 hours")
        zone = -zone if offset.nanoseconds < 0 else zone
    whole = (int(hour) * 60 + int(minute)) * 60 * NANOSECONDS
    return Time(whole + int(second.scaleb(9)), zone)


@_family.function(
    "date and time",
    "from: string",
    gives="date and time",
    summary="A date and time of a text, of a date and a time, or (as with Camunda) in another time "
    "zone.",
    example='date and time(@"2024-01-31", @"13:45:00")',
    result='@"2024-01-31T13:45:00"',
)
def date_time(call: Call, text: str) -> Any:
    """By its text."""
    call.runtime.spend(25)
    found = date_time_from(text)
    return _unreadable(call, text, "date and time") if found is None else found


@_family.also("date and time", "from: date and time")
def same_date_time(_: Call, moment: DateTime) -> Any:
    """Itself."""
    return moment


@_family.also("date and time", "date: date | date and time", "time: time")
def date_time_of(_: Call, day: Date | DateTime, clock: Time) -> Any:
    """Of a date and a time."""
    return DateTime(day if isinstance(day, Date) else day.date, clock)


@_family.also("date and time", "date: date and time", "timezone: string")
def date_time_in(call: Call, moment: DateTime, timezone: str) -> Any:
    """In another zone."""
    if not is_zone(timezone):
        return _unreadable(call, timezone, "time zone")
    if moment.zone is None:
        return DateTime(moment.date, Time(moment.time.nanoseconds, timezone))
    return at_instant(moment.instant, timezone) or call.fail("the result is out of range")


@_family.function(
    "duration",
    "from: string",
    gives="days and time duration",
    summary="A duration of a text: of days and time, or of years and months.",
    example='duration("P1DT2H")',
    result='@"P1DT2H"',
)
def duration(call: Call, text: str) -> Any:
    """By its text."""
    found = duration_of(text)
    return _unreadable(call, text, "duration") if found is None else found


@_family.also("duration", "from: duration")
def same_duration(_: Call, value: Any) -> Any:
    """Itself."""
    return value


@_family.function(
    "range",
    "from: string",
    gives="range",
    summary="A range of its text; its ends must be literals.",
    example='5 in range("[1..10)")',
    result="true",
)
def range_of(call: Call, text: str) -> Any:
    """By its text."""
    from ichor_feel.functions.range_text import range_from

    call.runtime.spend(200 + 20 * len(text))
    found = range_from(call, text)
    return _unreadable(call, text, "range of literals") if found is None else found
