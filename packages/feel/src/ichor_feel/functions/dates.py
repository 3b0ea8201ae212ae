"""Functions on dates and times."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ichor_feel.functions.call import Call
from ichor_feel.functions.registry import Family
from ichor_feel.values import calendar
from ichor_feel.values.durations import months_duration
from ichor_feel.values.temporal import Date, DateTime

_family = Family("date and time")
_camunda = Family("date and time", "Camunda")
_EITHER = "date: date | date and time"


def _day(moment: Date | DateTime) -> Date:
    return moment if isinstance(moment, Date) else moment.date


@_family.function(
    "now",
    gives="date and time",
    summary="The moment that the caller of the evaluation has given.",
    example='now() - @"PT1H"',
    result='@"2024-05-31T09:30:00+02:00"',
)
def now(call: Call) -> Any:
    """The given moment."""
    if call.runtime.now is None:
        return call.fail("no moment was given for this evaluation", "no-clock")
    return call.runtime.now


@_family.function(
    "today",
    gives="date",
    summary="The date of `now()`.",
    example='today() + @"P1D"',
    result='@"2024-06-01"',
)
def today(call: Call) -> Any:
    """The date of the given moment."""
    moment = now(call)
    return moment.date if isinstance(moment, DateTime) else moment


@_family.function(
    "day of year",
    _EITHER,
    gives="number",
    summary="Number of the day in its year.",
    example='day of year(@"2019-09-17")',
    result="260",
)
def day_of_year(_: Call, moment: Date | DateTime) -> Any:
    """1 to 366."""
    day = _day(moment)
    return Decimal(calendar.day_of_year(day.year, day.month, day.day))


@_family.function(
    "day of week",
    _EITHER,
    gives="string",
    summary="English name of the day of the week.",
    example='day of week(@"2019-09-17")',
    result='"Tuesday"',
)
def day_of_week(_: Call, moment: Date | DateTime) -> Any:
    """Monday to Sunday."""
    return calendar.DAY_NAMES[calendar.weekday(_day(moment).number) - 1]


@_family.function(
    "month of year",
    _EITHER,
    gives="string",
    summary="English name of the month.",
    example='month of year(@"2019-09-17")',
    result='"September"',
)
def month_of_year(_: Call, moment: Date | DateTime) -> Any:
    """January to December."""
    return calendar.MONTH_NAMES[_day(moment).month - 1]


@_family.function(
    "week of year",
    _EITHER,
    gives="number",
    summary="Number of the week by ISO 8601: the first has the year's first Thursday.",
    example='week of year(@"2019-09-17")',
    result="38",
)
def week_of_year(_: Call, moment: Date | DateTime) -> Any:
    """1 to 53."""
    day = _day(moment)
    return Decimal(calendar.iso_week(day.year, day.month, day.day))


@_camunda.function(
    "last day of month",
    _EITHER,
    gives="date",
    summary="The last day of the month of a date.",
    example='last day of month(@"2024-02-10")',
    result='@"2024-02-29"',
)
def last_day_of_month(_: Call, moment: Date | DateTime) -> Any:
    """28 to 31."""
    day = _day(moment)
    return Date(day.year, day.month, calendar.month_length(day.year, day.month))


@_family.function(
    "years and months duration",
    "from: date | date and time",
    "to: date | date and time",
    gives="years and months duration",
    summary="Whole years and months from one date to another.",
    example='years and months duration(@"2011-12-22", @"2013-08-24")',
    result='@"P1Y8M"',
)
def months_between(_: Call, start: Date | DateTime, end: Date | DateTime) -> Any:
    """Cut towards zero."""
    first, last = _day(start), _day(end)
    months = (last.year - first.year) * 12 + last.month - first.month
    if months > 0 and last.day < first.day:
        months -= 1
    elif months < 0 and last.day > first.day:
        months += 1
    return months_duration(months)
