"""Functions on booleans."""

from __future__ import annotations

from typing import Any

from ichor_feel.functions.call import Call
from ichor_feel.functions.registry import Family
from ichor_feel.values.kinds import is_null

_family = Family("boolean")


@_family.function(
    "not",
    "negand: boolean",
    gives="boolean",
    summary="The opposite of a boolean; null for anything else.",
    example="not(1 = 2)",
    result="true",
)
def negate(_: Call, negand: bool) -> Any:
    """True for false."""
    return not negand


def _decide(call: Call, items: list[Any], decides: bool) -> Any:
    call.runtime.spend(len(items))
    unknown: Any = not decides
    for item in items:
        if item is decides:
            return decides
        if is_null(item):
            unknown = item
        elif not isinstance(item, bool):
            return call.mismatch("booleans", item)
    return unknown


@_family.function(
    "all",
    "list: list",
    gives="boolean",
    summary="Whether every item is true; null if one is null and none is false.",
    example="all([true, 1 < 2])",
    result="true",
)
def every(call: Call, items: list[Any]) -> Any:
    """Conjunction."""
    return _decide(call, items, False)


@_family.also("all", "list: Any*")
def every_of(call: Call, items: list[Any]) -> Any:
    """The same of arguments."""
    return _decide(call, items, False) if items else call.fail("takes at least one", "arguments")


@_family.function(
    "any",
    "list: list",
    gives="boolean",
    summary="Whether an item is true; null if one is null and none is true.",
    example="any([false, 1 < 2])",
    result="true",
)
def some(call: Call, items: list[Any]) -> Any:
    """Disjunction."""
    return _decide(call, items, True)


@_family.also("any", "list: Any*")
def some_of(call: Call, items: list[Any]) -> Any:
    """The same of arguments."""
    return _decide(call, items, True) if items else call.fail("takes at least one", "arguments")


@_family.function(
    "is",
    "value1: Any!",
    "value2: Any!",
    gives="boolean",
    summary="Whether two values are the same element of the same kind: unlike `=`, times of "
    "different offsets are different, and values of different kinds are unequal.",
    example='is(@"12:00:00Z", @"14:00:00+02:00")',
    result="false",
)
def same(call: Call, value1: Any, value2: Any) -> Any:
    """Identity."""
    return identical(call, value1, value2)


def identical(call: Call, one: Any, other: Any) -> bool:
    """Whether two values are the same in every component."""
    from ichor_feel.values.equality import equal
    from ichor_feel.values.temporal import DateTime, Time

    if isinstance(one, Time | DateTime) and type(one) is type(other):
        return bool(one == other)
    return bool(equal(call.runtime, one, other))
