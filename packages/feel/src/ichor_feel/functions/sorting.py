"""Sorting."""

from __future__ import annotations

from functools import cmp_to_key
from typing import Any

from ichor_feel.functions.call import Call
from ichor_feel.functions.registry import Family
from ichor_feel.values.equality import compare
from ichor_feel.values.functions import FunctionValue

_family = Family("list")


class _Stopped(Exception):  # noqa: N818 - it carries an outcome out of a sort, and is no error
    def __init__(self, outcome: Any) -> None:
        super().__init__()
        self.outcome = outcome


@_family.function(
    "sort",
    "list: list",
    "precedes: function?!",
    gives="list",
    summary="The items in order: that of a function which tells whether one comes before another, "
    "or ascending if none is given.",
    example="sort([3, 1, 2], function(a, b) a > b)",
    result="[3, 2, 1]",
)
def sort(call: Call, items: list[Any], precedes: FunctionValue | None = None) -> Any:
    """Stable."""
    runtime = call.runtime
    runtime.make_items(len(items))

    def before(one: Any, other: Any) -> bool:
        assert precedes is not None
        found = call.apply(precedes, one, other)
        if not isinstance(found, bool):
            raise _Stopped(call.mismatch("a boolean from the function", found))
        return found

    def by_function(one: Any, other: Any) -> int:
        # The sort asks only whether one is less than another.
        return -1 if before(one, other) else 1

    def ascending(one: Any, other: Any) -> int:
        runtime.spend(3 + (len(one) >> 8 if type(one) is str else 0))
        found = compare(one, other)
        if found is None:
            wrong = one if compare(one, one) is None else other
            raise _Stopped(call.mismatch("items of one kind that has an order", wrong))
        return found

    try:
        return sorted(items, key=cmp_to_key(ascending if precedes is None else by_function))
    except _Stopped as stopped:
        return stopped.outcome
