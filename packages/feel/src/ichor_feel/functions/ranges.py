"""Functions that relate values and ranges in time or order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ichor_feel.functions.call import Call
from ichor_feel.functions.range_relations import (
    Order,
    Relation,
    UnorderedError,
    finishes,
    includes,
    meets,
    overlaps,
    overlaps_after,
    overlaps_before,
    point_before_range,
    point_finishes,
    point_starts,
    range_before_point,
    range_before_range,
    same_end,
    same_start,
    starts,
    swapped,
)
from ichor_feel.functions.registry import Family
from ichor_feel.values.kinds import describe, is_null

_family = Family("range")


def _relation(
    name: str,
    summary: str,
    example: str,
    result: str,
    variants: dict[tuple[str, str], Relation],
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


def _implementation(relation: Relation) -> Callable[..., Any]:
    def run(call: Call, one: Any, other: Any) -> Any:
        for value in (one, other):
            if is_null(value):
                return call.mismatch("a value or a range", value)
        try:
            return relation(Order(call), one, other)
        except UnorderedError as wrong:
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


_relation(
    "before",
    "Whether a value or range ends before another begins.",
    "before([1..5), 5)",
    "true",
    {
        (_POINT, _POINT): lambda order, one, other: order.compare(one, other) < 0,
        (_POINT, _RANGE): point_before_range,
        (_RANGE, _POINT): range_before_point,
        (_RANGE, _RANGE): range_before_range,
    },
)
_relation(
    "after",
    "Whether a value or range begins after another ends.",
    "after([5..10], 4)",
    "true",
    {
        (_POINT, _POINT): lambda order, one, other: order.compare(one, other) > 0,
        (_POINT, _RANGE): swapped(range_before_point),
        (_RANGE, _POINT): swapped(point_before_range),
        (_RANGE, _RANGE): swapped(range_before_range),
    },
)
_relation(
    "meets",
    "Whether a range ends where another begins, both including that value.",
    "meets([1..5], [5..10])",
    "true",
    {(_RANGE, _RANGE): meets},
)
_relation(
    "met by",
    "Whether a range begins where another ends, both including that value.",
    "met by([5..10], [1..5])",
    "true",
    {(_RANGE, _RANGE): swapped(meets)},
)
_relation(
    "overlaps",
    "Whether two ranges have a value in common.",
    "overlaps([1..5], [3..8])",
    "true",
    {(_RANGE, _RANGE): overlaps},
)
_relation(
    "overlaps before",
    "Whether a range begins before another and ends within it.",
    "overlaps before([1..5], [3..8])",
    "true",
    {(_RANGE, _RANGE): overlaps_before},
)
_relation(
    "overlaps after",
    "Whether a range begins within another and ends after it.",
    "overlaps after([3..8], [1..5])",
    "true",
    {(_RANGE, _RANGE): overlaps_after},
)
_relation(
    "finishes",
    "Whether a value or range ends a range.",
    "finishes(5, [1..5])",
    "true",
    {(_POINT, _RANGE): point_finishes, (_RANGE, _RANGE): finishes},
)
_relation(
    "finished by",
    "Whether a range is ended by a value or range.",
    "finished by([1..5], [3..5])",
    "true",
    {
        (_RANGE, _POINT): swapped(point_finishes),
        (_RANGE, _RANGE): swapped(finishes),
    },
)
_relation(
    "includes",
    "Whether a range holds a value or a whole range.",
    "includes([1..10], 5)",
    "true",
    {
        (_RANGE, _POINT): lambda order, span, point: order.holds(span, point),
        (_RANGE, _RANGE): includes,
    },
)
_relation(
    "during",
    "Whether a value or a whole range is in a range.",
    "during([4..6], [1..10])",
    "true",
    {
        (_POINT, _RANGE): lambda order, point, span: order.holds(span, point),
        (_RANGE, _RANGE): swapped(includes),
    },
)
_relation(
    "starts",
    "Whether a value or range begins a range.",
    "starts(1, [1..5])",
    "true",
    {(_POINT, _RANGE): point_starts, (_RANGE, _RANGE): starts},
)
_relation(
    "started by",
    "Whether a range is begun by a value or range.",
    "started by([1..10], [1..5])",
    "true",
    {
        (_RANGE, _POINT): swapped(point_starts),
        (_RANGE, _RANGE): swapped(starts),
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
            same_start(order, one, other) and same_end(order, one, other)
        ),
    },
)
