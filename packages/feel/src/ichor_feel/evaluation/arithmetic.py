"""Arithmetic on numbers, texts, dates and durations."""

# Values are of any kind; told apart by type, their items are still of any kind.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, DecimalException
from typing import Any, Final

from ichor_feel.evaluation.runtime import Runtime
from ichor_feel.source import Span
from ichor_feel.values.calendar import MAX_YEAR, add_months
from ichor_feel.values.durations import (
    DAY,
    MAX_MONTHS,
    MAX_NANOSECONDS,
    NANOSECONDS,
    DaysDuration,
    MonthsDuration,
    days_duration,
    months_duration,
)
from ichor_feel.values.failure import Failure
from ichor_feel.values.kinds import describe, kind_name
from ichor_feel.values.numbers import ARITHMETIC
from ichor_feel.values.temporal import Date, DateTime, Time, date_at, local_at
from ichor_feel.values.zones import local_of

_VERBS: Final = {"+": "add", "*": "multiply", "/": "divide", "**": "raise"}
_LINKS: Final = {"+": "and", "*": "by", "/": "by", "**": "to"}
_OPERATIONS: Final = {
    "+": ARITHMETIC.add,
    "-": ARITHMETIC.subtract,
    "*": ARITHMETIC.multiply,
    "/": ARITHMETIC.divide,
    "**": ARITHMETIC.power,
}

Outcome = Any


def calculate(runtime: Runtime, span: Span, operator: str, left: Any, right: Any) -> Any:
    """The value of `left operator right`, or a failure."""
    if type(left) is Decimal and type(right) is Decimal:
        return on_numbers(runtime, span, operator, left, right)
    if type(left) is Failure:
        return left.join(right) if type(right) is Failure else left
    if type(right) is Failure:
        return right
    operation = _BY_KINDS.get((operator, type(left), type(right)))
    if operation is None:
        found = f"{describe(left)} and {describe(right)}"
        return runtime.fail(span, "wrong-type", f"cannot {_words(operator, left, right)}", found)
    if type(left) is not str:
        runtime.spend(15)  # calendars and zones
    else:
        runtime.make_text(len(left) + len(right))
    try:
        result = operation(left, right)
    except DecimalException:
        result = None
    if result is None:
        message = f"cannot {_words(operator, left, right)}"
        if isinstance(right, DaysDuration | MonthsDuration | Decimal) and operator == "/":
            return runtime.fail(span, "arithmetic", "division by zero or beyond the range")
        return runtime.fail(span, "arithmetic", f"{message}: {_reason(left, right)}")
    return result


def on_numbers(runtime: Runtime, span: Span, operator: str, left: Decimal, right: Decimal) -> Any:
    """The same of two numbers."""
    try:
        if operator == "**":
            runtime.spend(80)
        return _OPERATIONS[operator](left, right)
    except DecimalException:
        if operator == "/" and not right:
            return runtime.fail(span, "arithmetic", "division by zero")
        if operator == "**":
            message = f"cannot raise {describe(left)} to {describe(right)}"
            return runtime.fail(span, "arithmetic", message)
        return runtime.fail(span, "arithmetic", "the result is out of the range of numbers")


def negate(runtime: Runtime, span: Span, value: Any) -> Any:
    """Minus a number or duration."""
    match value:
        case Decimal():
            return value.copy_negate() if value else value
        case DaysDuration():
            return DaysDuration(-value.nanoseconds)
        case MonthsDuration():
            return MonthsDuration(-value.months)
        case Failure():
            return value
        case _:
            message = f"cannot negate {describe(value)}"
            return runtime.fail(span, "wrong-type", message, describe(value))


def _words(operator: str, left: Any, right: Any) -> str:
    """``add the number 1 and the string "a"``."""
    if operator == "-":
        return f"subtract {describe(right)} from {describe(left)}"
    return f"{_VERBS[operator]} {describe(left)} {_LINKS[operator]} {describe(right)}"


def _reason(left: Any, right: Any) -> str:
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Time | DateTime | Date) and kind_name(one) == kind_name(other):
            return "only one of them has a time zone"
    return "one has a time zone and the other none, or the result is out of range"


def _date_plus_days(date: Date, duration: DaysDuration) -> Date | None:
    return date_at((date.number * DAY + duration.nanoseconds) // DAY)


def _date_plus_months(date: Date, duration: MonthsDuration) -> Date | None:
    year, month, day = add_months(date.year, date.month, date.day, duration.months)
    return Date(year, month, day) if abs(year) <= MAX_YEAR else None


def _moment_plus_days(moment: DateTime, duration: DaysDuration) -> DateTime | None:
    zone = moment.zone
    if not isinstance(zone, str):
        return local_at(moment.local + duration.nanoseconds, zone)
    return at_instant(moment.instant + duration.nanoseconds, zone)


def at_instant(instant: int, zone: int | str) -> DateTime | None:
    """What a clock in a zone shows at nanoseconds since 1970 in UTC.

    In the hour that a change of clocks repeats, a name means the first time; the second one has its
    offset in place of the name, so that it stays the same moment.
    """
    offset = zone if isinstance(zone, int) else None
    if offset is None:
        assert isinstance(zone, str)
        if abs(instant) // DAY > MAX_YEAR * 366:
            return None
        offset = local_of(zone, instant // NANOSECONDS)
    found = local_at(instant + offset * NANOSECONDS, zone)
    if found is not None and found.offset != offset:
        return DateTime(found.date, Time(found.time.nanoseconds, offset))
    return found


def _moment_plus_months(moment: DateTime, duration: MonthsDuration) -> DateTime | None:
    date = _date_plus_months(moment.date, duration)
    return DateTime(date, moment.time) if date else None


def _time_plus(time: Time, duration: DaysDuration) -> Time:
    return Time((time.nanoseconds + duration.nanoseconds) % DAY, time.zone)


def _moment_difference(left: DateTime, right: DateTime) -> DaysDuration | None:
    if (left.zone is None) != (right.zone is None):
        return None
    return days_duration(left.instant - right.instant)


def _time_difference(left: Time, right: Time) -> DaysDuration | None:
    if (left.zone is None) != (right.zone is None):
        return None
    shift = (left.offset or 0) - (right.offset or 0)
    return days_duration(left.nanoseconds - right.nanoseconds - shift * NANOSECONDS)


def _midnight(date: Date) -> DateTime:
    # The standard takes a date among dates and times as midnight in UTC.
    return DateTime(date, Time(0, 0))


def _scaled(amount: int, factor: Decimal, limit: int, divide: bool) -> int | None:
    """`amount` times or by a number, cut to a whole one."""
    operation = ARITHMETIC.divide if divide else ARITHMETIC.multiply
    result = operation(Decimal(amount), factor)
    return int(result) if abs(result) <= limit else None


def _days_scaled(duration: DaysDuration, factor: Decimal, divide: bool) -> DaysDuration | None:
    result = _scaled(duration.nanoseconds, factor, MAX_NANOSECONDS, divide)
    return None if result is None else DaysDuration(result)


def _months_scaled(
    duration: MonthsDuration, factor: Decimal, divide: bool
) -> MonthsDuration | None:
    result = _scaled(duration.months, factor, MAX_MONTHS, divide)
    return None if result is None else MonthsDuration(result)


_Operation = Callable[[Any, Any], Any]
_BY_KINDS: Final[dict[tuple[str, type[Any], type[Any]], _Operation]] = {
    ("+", str, str): lambda left, right: left + right,
    ("+", Date, DaysDuration): _date_plus_days,
    ("+", Date, MonthsDuration): _date_plus_months,
    ("+", DateTime, DaysDuration): _moment_plus_days,
    ("+", DateTime, MonthsDuration): _moment_plus_months,
    ("+", Time, DaysDuration): _time_plus,
    ("+", DaysDuration, DaysDuration): lambda left, right: days_duration(
        left.nanoseconds + right.nanoseconds
    ),
    ("+", MonthsDuration, MonthsDuration): lambda left, right: months_duration(
        left.months + right.months
    ),
    ("-", Date, Date): lambda left, right: days_duration((left.number - right.number) * DAY),
    ("-", DateTime, DateTime): _moment_difference,
    ("-", Date, DateTime): lambda left, right: _moment_difference(_midnight(left), right),
    ("-", DateTime, Date): lambda left, right: _moment_difference(left, _midnight(right)),
    ("-", Time, Time): _time_difference,
    ("*", DaysDuration, Decimal): lambda left, right: _days_scaled(left, right, False),
    ("*", MonthsDuration, Decimal): lambda left, right: _months_scaled(left, right, False),
    ("/", DaysDuration, Decimal): lambda left, right: _days_scaled(left, right, True),
    ("/", MonthsDuration, Decimal): lambda left, right: _months_scaled(left, right, True),
    ("/", DaysDuration, DaysDuration): lambda left, right: ARITHMETIC.divide(
        Decimal(left.nanoseconds), Decimal(right.nanoseconds)
    ),
    ("/", MonthsDuration, MonthsDuration): lambda left, right: ARITHMETIC.divide(
        Decimal(left.months), Decimal(right.months)
    ),
}


def _swapped(operation: _Operation) -> _Operation:
    return lambda left, right: operation(right, left)


def _minus(operation: _Operation) -> _Operation:
    def subtract(left: Any, right: Any) -> Any:
        if isinstance(right, DaysDuration):
            return operation(left, DaysDuration(-right.nanoseconds))
        return operation(left, MonthsDuration(-right.months))

    return subtract


for (_operator, _left, _right), _operation in list(_BY_KINDS.items()):
    if _operator == "+" and _right in (DaysDuration, MonthsDuration):
        _BY_KINDS["-", _left, _right] = _minus(_operation)
        _BY_KINDS.setdefault(("+", _right, _left), _swapped(_operation))
    if _operator == "*":
        _BY_KINDS["*", _right, _left] = _swapped(_operation)
