"""Values of Python, taken in.

None, bool, str, int, Decimal, list, tuple and dict with texts as keys are taken as they are; a
float as the number that `repr` shows; `datetime`'s date, time, datetime and timedelta as the values
they mean. Anything else, and what no number of 34 digits can say, becomes null with a problem.
"""

# Values are of any kind; told apart by type, their items are still of any kind.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, cast

from ichor_feel.evaluation.limits import MAX_VALUE_DEPTH
from ichor_feel.evaluation.runtime import Runtime
from ichor_feel.source import NOWHERE
from ichor_feel.values.durations import NANOSECONDS, DaysDuration
from ichor_feel.values.kinds import KIND_NAMES
from ichor_feel.values.numbers import ARITHMETIC, of_float, of_int
from ichor_feel.values.temporal import Date, DateTime, Time
from ichor_feel.values.zones import Zone, is_zone

_AS_IS: Final = frozenset(KIND_NAMES) - {list, dict, Decimal}


def take_in(runtime: Runtime, value: Any, name: str, depth: int = 0) -> Any:
    """The value of FEEL that a value of Python means; lists that need no change are not copied."""
    kind = type(value)
    if kind in _AS_IS:
        return value
    if depth > MAX_VALUE_DEPTH:
        message = f"`{name}` is nested deeper than {MAX_VALUE_DEPTH} levels"
        return runtime.fail(NOWHERE, "input", message)
    if kind is dict:
        return _context(runtime, value, name, depth)
    if kind is list:
        return _list(runtime, value, name, depth)
    converted = _scalar(value)
    if converted is None:
        if isinstance(value, list | tuple):
            return _list(runtime, list(cast("list[Any]", value)), name, depth)
        if isinstance(value, Mapping):
            return _context(runtime, dict(cast("Mapping[Any, Any]", value)), name, depth)
        if isinstance(value, int | float | Decimal):
            message = f"`{name}` holds a number that is not finite, or out of range"
            return runtime.fail(NOWHERE, "input", message, kind.__name__)
        message = f"`{name}` holds a {kind.__name__}, which is no value of FEEL"
        return runtime.fail(NOWHERE, "input", message, kind.__name__)
    return converted


def _context(runtime: Runtime, value: dict[Any, Any], name: str, depth: int) -> Any:
    changed: dict[str, Any] | None = None
    for key, one in value.items():
        if type(key) is not str:
            message = f"`{name}` has a key that is no text"
            return runtime.fail(NOWHERE, "input", message, type(key).__name__)
        if type(one) in _AS_IS:
            continue
        new = take_in(runtime, one, name, depth + 1)
        if new is not one:
            if changed is None:
                changed = dict(value)
            changed[key] = new
    return value if changed is None else changed


def _list(runtime: Runtime, value: list[Any], name: str, depth: int) -> Any:
    # A list that holds itself many times over would have no end.
    if depth:
        runtime.spend(1)
    changed: list[Any] | None = None
    for place, one in enumerate(value):
        if type(one) in _AS_IS:
            continue
        new = take_in(runtime, one, name, depth + 1)
        if new is not one:
            if changed is None:
                changed = list(value)
            changed[place] = new
    return value if changed is None else changed


def _scalar(value: Any) -> Any:
    match value:
        case bool():
            return bool(value)
        case int():
            return of_int(int(value))
        case Decimal():
            return _decimal(value)
        case float():
            return of_float(value)
        case str():
            return str(value)
        case datetime.datetime():
            return from_datetime(value)
        case datetime.date():
            return Date(value.year, value.month, value.day)
        case datetime.time():
            return _time(value, _zone(value))
        case datetime.timedelta():
            return DaysDuration(value // datetime.timedelta(microseconds=1) * 1000)
        case _:
            return None


def _decimal(value: Decimal) -> Decimal | None:
    try:
        rounded = ARITHMETIC.plus(value)
    except ArithmeticError:
        return None
    if not rounded.is_finite():
        return None
    return value if rounded == value else rounded


def from_datetime(value: datetime.datetime) -> DateTime:
    """A date and time with the zone's name where it has one."""
    date = Date(value.year, value.month, value.day)
    return DateTime(date, _time(value.timetz(), _zone(value)))


def _time(value: datetime.time, zone: Zone | None) -> Time:
    seconds = (value.hour * 60 + value.minute) * 60 + value.second
    return Time(seconds * NANOSECONDS + value.microsecond * 1000, zone)


def _zone(value: datetime.datetime | datetime.time) -> Zone | None:
    key = getattr(value.tzinfo, "key", None)
    offset = value.utcoffset()
    # Of an hour that a change of clocks repeats, a name means the first time only.
    repeated = value.fold and value.replace(fold=0).utcoffset() != offset
    if isinstance(key, str) and key != "UTC" and not repeated and is_zone(key):
        return key
    return None if offset is None else int(offset.total_seconds())
