"""Equality, and the order of values."""

# Values are of any kind; told apart by type, their items are still of any kind.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from ichor_feel.evaluation.limits import MAX_VALUE_DEPTH
from ichor_feel.evaluation.runtime import Runtime
from ichor_feel.values.durations import NANOSECONDS, DaysDuration, MonthsDuration
from ichor_feel.values.failure import Failure
from ichor_feel.values.ranges import Range
from ichor_feel.values.temporal import Date, DateTime, Time

_BY_VALUE: Final = frozenset({Decimal, str, bool, Date, DaysDuration, MonthsDuration})


def equal(runtime: Runtime, left: Any, right: Any, depth: int = 0) -> bool | None:
    """Whether two values are the same; None if they are of kinds that do not compare."""
    kind = type(left)
    if kind is type(right):
        if kind in _BY_VALUE:
            if kind is str:
                runtime.spend(len(left) >> 8)
            return bool(left == right)
        if kind is list:
            return _lists_equal(runtime, left, right, depth)
        if kind is dict:
            return _contexts_equal(runtime, left, right, depth)
        if kind is DateTime or kind is Time:
            return _same_moment(left, right)
        if kind is Range:
            return _ranges_equal(runtime, left, right, depth)
        return left is right or kind is Failure or bool(left == right)
    if left is None or right is None or kind is Failure or type(right) is Failure:
        return (left is None or kind is Failure) and (right is None or type(right) is Failure)
    return None


def _deeper(runtime: Runtime, depth: int, count: int) -> int:
    if depth >= MAX_VALUE_DEPTH:
        runtime.stop(f"values are nested deeper than {MAX_VALUE_DEPTH} levels")
    runtime.spend(2 * count)
    return depth + 1


def _lists_equal(runtime: Runtime, left: list[Any], right: list[Any], depth: int) -> bool:
    if left is right:
        return True
    if len(left) != len(right):
        return False
    depth = _deeper(runtime, depth, len(left))
    return all(equal(runtime, one, other, depth) for one, other in zip(left, right, strict=True))


def _contexts_equal(
    runtime: Runtime, left: dict[str, Any], right: dict[str, Any], depth: int
) -> bool:
    if left is right:
        return True
    if left.keys() != right.keys():
        return False
    depth = _deeper(runtime, depth, len(left))
    return all(equal(runtime, value, right[key], depth) for key, value in left.items())


def _ranges_equal(runtime: Runtime, left: Range, right: Range, depth: int) -> bool:
    return (
        left.start_included == right.start_included
        and left.end_included == right.end_included
        and left.excluded == right.excluded
        and bool(equal(runtime, left.start, right.start, depth + 1))
        and bool(equal(runtime, left.end, right.end, depth + 1))
    )


def _same_moment(left: Any, right: Any) -> bool:
    one, other = order_key(left), order_key(right)
    return one == other


def order_key(value: Any) -> tuple[str, Any] | None:
    """A kind and a key: values of one kind are ordered by the key; None for those without order."""
    kind = type(value)
    if kind is Decimal:
        return "number", value
    if kind is str:
        return "string", value
    if kind is Date:
        return "date", (value.year, value.month, value.day)
    if kind is DateTime:
        if value.time.zone is None:
            return "local date and time", value.local
        return "date and time", value.instant
    if kind is Time:
        if value.zone is None:
            return "local time", value.nanoseconds
        return "time", value.nanoseconds - value.offset * NANOSECONDS
    if kind is DaysDuration:
        return "days and time duration", value.nanoseconds
    if kind is MonthsDuration:
        return "years and months duration", value.months
    return None


def compare(left: Any, right: Any) -> int | None:
    """-1, 0 or 1; None if the two have no order."""
    one, other = order_key(left), order_key(right)
    if one is None or other is None:
        return None
    if one[0] != other[0]:
        if type(left) is not type(right):
            return None
        # One has no offset, and is taken to have that of the other.
        one, other = order_key(_with_zone(left, right)), order_key(_with_zone(right, left))
        assert one is not None
        assert other is not None
    return -1 if one[1] < other[1] else int(one[1] != other[1])


def _with_zone(value: Any, other: Any) -> Any:
    """A time, or date and time, in the zone of another one if it has none."""
    if value.zone is not None:
        return value
    if type(value) is Time:
        return Time(value.nanoseconds, other.offset)
    return DateTime(value.date, Time(value.time.nanoseconds, other.offset))
