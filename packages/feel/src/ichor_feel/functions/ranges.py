"""Functions that relate values and ranges in time or order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ichor_feel.functions.call import Call
from ichor_feel.functions.registry import Family
from ichor_feel.values.equality import compare
from ichor_feel.values.kinds import describe, is_null
from ichor_feel.values.membership import in_range
from ichor_feel.values.ranges import UNBOUNDED, Range

_family = Family("range")
_Relation = Callable[["_Order", Any, Any], bool]


class _Unordered(Exception):  # noqa: N818 - it carries an outcome out of a comparison
    def __init__(self, one: Any, other: Any) -> None:
        super().__init__()
        self.one, self.other = one, other


class _Order:
    """Comparisons; an end without bound is before or after everything."""

    def __init__(self, call: Call) -> None:
        self.call = call

    def compare(self, one: Any, other: Any) -> int:
        """-1, 0 or 1 of two values that are no open ends."""
        found = compare(one, other)
        if found is None:
            raise _Unordered(one, other)
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
            raise _Unordered(point, span)
        return found


def _relation(
    name: str,
    summary: str,
    example: str,
    result: str,
    variants: dict[tuple[str, str], _Relation],
) -> None:
    """A function with a signature for each pair of kinds, the first of them the table's."""
    first = True
    for kinds, relation in variants.items():
        parameters = [f"{role}: {kind}" for role, kind in zip(_ROLES[kinds], kinds, strict=True)]
        implementation = _implementation(relation)
        if first:
            _family.function(
                name,
                *parameters,
                gives="boolean",
                summary=summary,
                example=example,
                result=result,
            )(implementation)
        else:
            _family.also(name, *parameters)(implementation)
        first = False


def _implementation(relation: _Relation) -> Callable[..., Any]:
    def run(call: Call, one: Any, other: Any) -> Any:
        for value in (one, other):
            if is_null(value):
                return call.mismatch("a value or a range", value)
        try:
            return relation(_Order(call), one, other)
        except _Unordered as wrong:
            return call.fail(
                f"cannot order {describe(wrong.one)} and {describe(wrong.other)}", "wrong-type"
            )

    return run


_POINT = "number | string | date | time | date and time | duration"
_RANGE = "range"
_ROLES = {
    (_POINT, _POINT): ("point1", "point2"),
    (_POINT, _RANGE): ("point", "range"),
    (_RANGE, _POINT): ("range", "point"),
    (_RANGE, _RANGE): ("range1", "range2"),
}


def _point_before_range(order: _Order, point: Any, span: Range) -> bool:
    if span.start is UNBOUNDED:
        return False
    found = order.compare(point, span.start)
    return found < 0 or (found == 0 and not span.start_included)


def _range_before_point(order: _Order, span: Range, point: Any) -> bool:
    if span.end is UNBOUNDED:
        return False
    found = order.compare(span.end, point)
    return found < 0 or (found == 0 and not span.end_included)


def _range_before_range(order: _Order, one: Range, other: Range) -> bool:
    found = order.end_to_start(one, other)
    return found < 0 or (found == 0 and not (one.end_included and other.start_included))


def _meets(order: _Order, one: Range, other: Range) -> bool:
    return (
        one.end_included
        and other.start_included
        and one.end is not UNBOUNDED
        and other.start is not UNBOUNDED
        and order.compare(one.end, other.start) == 0
    )


def _overlaps(order: _Order, one: Range, other: Range) -> bool:
    return not _range_before_range(order, one, other) and not _range_before_range(order, other, one)


def _starts_before(order: _Order, one: Range, other: Range) -> bool:
    found = order.starts(one, other)
    return found < 0 or (found == 0 and one.start_included and not other.start_included)


def _ends_before(order: _Order, one: Range, other: Range) -> bool:
    found = order.ends(one, other)
    return found < 0 or (found == 0 and other.end_included and not one.end_included)


def _overlaps_before(order: _Order, one: Range, other: Range) -> bool:
    return (
        _starts_before(order, one, other)
        and _overlaps(order, one, other)
        and not _ends_before(order, other, one)
    )


def _overlaps_after(order: _Order, one: Range, other: Range) -> bool:
    return (
        _ends_before(order, other, one)
        and _overlaps(order, one, other)
        and not _starts_before(order, one, other)
    )


def _point_finishes(order: _Order, point: Any, span: Range) -> bool:
    return span.end_included and order.compare(span.end, point) == 0


def _same_end(order: _Order, one: Range, other: Range) -> bool:
    return one.end_included == other.end_included and order.ends(one, other) == 0


def _same_start(order: _Order, one: Range, other: Range) -> bool:
    return one.start_included == other.start_included and order.starts(one, other) == 0


def _finishes(order: _Order, one: Range, other: Range) -> bool:
    return _same_end(order, one, other) and not _starts_before(order, one, other)


def _point_starts(order: _Order, point: Any, span: Range) -> bool:
    return span.start_included and order.compare(span.start, point) == 0


def _starts(order: _Order, one: Range, other: Range) -> bool:
    return _same_start(order, one, other) and not _ends_before(order, other, one)


def _includes(order: _Order, one: Range, other: Range) -> bool:
    return not _starts_before(order, other, one) and not _ends_before(order, one, other)


def _reversed(relation: _Relation) -> _Relation:
    return lambda order, one, other: relation(order, other, one)


_relation(
    "before",
    "Whether a value or range ends before another begins.",
    "before([1..5), 5)",
    "true",
    {
        (_POINT, _POINT): lambda order, one, other: order.compare(one, other) < 0,
        (_POINT, _RANGE): _point_before_range,
        (_RANGE, _POINT): _range_before_point,
        (_RANGE, _RANGE): _range_before_range,
    },
)
_relation(
    "after",
    "Whether a value or range begins after another ends.",
    "after([5..10], 4)",
    "true",
    {
        (_POINT, _POINT): lambda order, one, other: order.compare(one, other) > 0,
        (_POINT, _RANGE): _reversed(_range_before_point),
        (_RANGE, _POINT): _reversed(_point_before_range),
        (_RANGE, _RANGE): _reversed(_range_before_range),
    },
)
_relation(
    "meets",
    "Whether a range ends where another begins, both including that value.",
    "meets([1..5], [5..10])",
    "true",
    {(_RANGE, _RANGE): _meets},
)
_relation(
    "met by",
    "Whether a range begins where another ends, both including that value.",
    "met by([5..10], [1..5])",
    "true",
    {(_RANGE, _RANGE): _reversed(_meets)},
)
_relation(
    "overlaps",
    "Whether two ranges have a value in common.",
    "overlaps([1..5], [3..8])",
    "true",
    {(_RANGE, _RANGE): _overlaps},
)
_relation(
    "overlaps before",
    "Whether a range begins before another and ends within it.",
    "overlaps before([1..5], [3..8])",
    "true",
    {(_RANGE, _RANGE): _overlaps_before},
)
_relation(
    "overlaps after",
    "Whether a range begins within another and ends after it.",
    "overlaps after([3..8], [1..5])",
    "true",
    {(_RANGE, _RANGE): _overlaps_after},
)
_relation(
    "finishes",
    "Whether a value or range ends a range.",
    "finishes(5, [1..5])",
    "true",
    {(_POINT, _RANGE): _point_finishes, (_RANGE, _RANGE): _finishes},
)
_relation(
    "finished by",
    "Whether a range is ended by a value or range.",
    "finished by([1..5], [3..5])",
    "true",
    {
        (_RANGE, _POINT): _reversed(_point_finishes),
        (_RANGE, _RANGE): _reversed(_finishes),
    },
)
_relation(
    "includes",
    "Whether a range holds a value or a whole range.",
    "includes([1..10], 5)",
    "true",
    {
        (_RANGE, _POINT): lambda order, span, point: order.holds(span, point),
        (_RANGE, _RANGE): _includes,
    },
)
_relation(
    "during",
    "Whether a value or a whole range is in a range.",
    "during([4..6], [1..10])",
    "true",
    {
        (_POINT, _RANGE): lambda order, point, span: order.holds(span, point),
        (_RANGE, _RANGE): _reversed(_includes),
    },
)
_relation(
    "starts",
    "Whether a value or range begins a range.",
    "starts(1, [1..5])",
    "true",
    {(_POINT, _RANGE): _point_starts, (_RANGE, _RANGE): _starts},
)
_relation(
    "started by",
    "Whether a range is begun by a value or range.",
    "started by([1..10], [1..5])",
    "true",
    {
        (_RANGE, _POINT): _reversed(_point_starts),
        (_RANGE, _RANGE): _reversed(_starts),
    },
)
_relation(
    "coincides",
    "Whether two values, or two ranges, are the same.",
    "coincides([1..5], [1..5])",
    "true",
    {
        (_POINT, _POINT): lambda order, one, other: order.compare(one, other) == 0,
        (_RANGE, _RANGE): lambda order, one, other: (
            _same_start(order, one, other) and _same_end(order, one, other)
        ),
    },
)
