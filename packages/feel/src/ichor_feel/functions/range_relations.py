"""Relations of values and ranges, as DMN 1.5 defines them in its table of range functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ichor_feel.functions.call import Call
from ichor_feel.values.equality import compare
from ichor_feel.values.membership import in_range
from ichor_feel.values.ranges import UNBOUNDED, Range

Relation = Callable[["Order", Any, Any], bool]


class UnorderedError(Exception):
    """Two values that have no order."""

    def __init__(self, one: Any, other: Any) -> None:
        super().__init__()
        self.one, self.other = one, other


class Order:
    """Comparisons; an end without bound is before or after everything."""

    def __init__(self, call: Call) -> None:
        self.call = call

    def compare(self, one: Any, other: Any) -> int:
        """-1, 0 or 1 of two values that are no open ends."""
        found = compare(one, other)
        if found is None:
            raise UnorderedError(one, other)
        return found

    def ends(self, one: Range, other: Range) -> int:
        """How the ends of two ranges compare, without regard to whether they are included."""
        if one.end is UNBOUNDED or other.end is UNBOUNDED:
            return (one.end is UNBOUNDED) - (other.end is UNBOUNDED)
        return self.compare(one.end, other.end)

    def starts(self, one: Range, other: Range) -> int:
        """The same of the starts."""
        if one.start is UNBOUNDED or other.start is UNBOUNDED:
            return (other.start is UNBOUNDED) - (one.start is UNBOUNDED)
        return self.compare(one.start, other.start)

    def end_to_start(self, one: Range, other: Range) -> int:
        """How the end of one compares with the start of another."""
        if one.end is UNBOUNDED:
            return 1
        if other.start is UNBOUNDED:
            return 1
        return self.compare(one.end, other.start)

    def holds(self, span: Range, point: Any) -> bool:
        """Whether a point is in a range."""
        found = in_range(self.call.runtime, point, span)
        if found is None:
            raise UnorderedError(point, span)
        return found


def point_before_range(order: Order, point: Any, span: Range) -> bool:
    """Whether a value is before every one of a range."""
    if span.start is UNBOUNDED:
        return False
    found = order.compare(point, span.start)
    return found < 0 or (found == 0 and not span.start_included)


def range_before_point(order: Order, span: Range, point: Any) -> bool:
    """Whether a value is after every one of a range."""
    if span.end is UNBOUNDED:
        return False
    found = order.compare(span.end, point)
    return found < 0 or (found == 0 and not span.end_included)


def range_before_range(order: Order, one: Range, other: Range) -> bool:
    """Whether a range ends before another begins."""
    found = order.end_to_start(one, other)
    return found < 0 or (found == 0 and not (one.end_included and other.start_included))


def meets(order: Order, one: Range, other: Range) -> bool:
    """Whether a range ends where another begins, both including that value."""
    return (
        one.end_included
        and other.start_included
        and one.end is not UNBOUNDED
        and other.start is not UNBOUNDED
        and order.compare(one.end, other.start) == 0
    )


def overlaps(order: Order, one: Range, other: Range) -> bool:
    """Whether two ranges have a value in common."""
    return not range_before_range(order, one, other) and not range_before_range(order, other, one)


def starts_before(order: Order, one: Range, other: Range) -> bool:
    """Whether a range begins before another."""
    found = order.starts(one, other)
    return found < 0 or (found == 0 and one.start_included and not other.start_included)


def ends_before(order: Order, one: Range, other: Range) -> bool:
    """Whether a range ends before another."""
    found = order.ends(one, other)
    return found < 0 or (found == 0 and other.end_included and not one.end_included)


def overlaps_before(order: Order, one: Range, other: Range) -> bool:
    """Whether a range begins before another and ends within it."""
    return (
        starts_before(order, one, other)
        and overlaps(order, one, other)
        and not ends_before(order, other, one)
    )


def overlaps_after(order: Order, one: Range, other: Range) -> bool:
    """Whether a range begins within another and ends after it."""
    return (
        ends_before(order, other, one)
        and overlaps(order, one, other)
        and not starts_before(order, one, other)
    )


def point_finishes(order: Order, point: Any, span: Range) -> bool:
    """Whether a value is the included end of a range."""
    return span.end_included and order.compare(span.end, point) == 0


def same_end(order: Order, one: Range, other: Range) -> bool:
    """Whether two ranges end alike."""
    return one.end_included == other.end_included and order.ends(one, other) == 0


def same_start(order: Order, one: Range, other: Range) -> bool:
    """Whether two ranges begin alike."""
    return one.start_included == other.start_included and order.starts(one, other) == 0


def finishes(order: Order, one: Range, other: Range) -> bool:
    """Whether a range is the end of another."""
    return same_end(order, one, other) and not starts_before(order, one, other)


def point_starts(order: Order, point: Any, span: Range) -> bool:
    """Whether a value is the included start of a range."""
    return span.start_included and order.compare(span.start, point) == 0


def starts(order: Order, one: Range, other: Range) -> bool:
    """Whether a range is the beginning of another."""
    return same_start(order, one, other) and not ends_before(order, other, one)


def includes(order: Order, one: Range, other: Range) -> bool:
    """Whether a range holds another."""
    return not starts_before(order, other, one) and not ends_before(order, one, other)


def swapped(relation: Relation) -> Relation:
    """The relation with both sides swapped."""
    return lambda order, one, other: relation(order, other, one)
