"""Lists made of lists."""

# Values are of any kind; told apart by type, their items are still of any kind.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ichor_feel.evaluation.limits import MAX_VALUE_DEPTH
from ichor_feel.functions.call import Call
from ichor_feel.functions.registry import Family
from ichor_feel.values.functions import FunctionValue

_family = Family("list")
_camunda = Family("list", "Camunda")


@_family.function(
    "sublist",
    "list: list",
    "start position: number",
    "length: number?!",
    gives="list",
    summary="Items from a position, counted from 1, or from the end if negative.",
    example="sublist([4, 5, 6], 1, 2)",
    result="[4, 5]",
)
def sublist(call: Call, items: list[Any], start: Decimal, length: Decimal | None = None) -> Any:
    """Part of a list."""
    count = len(items)
    if not (1 <= start <= count or -count <= start <= -1):
        return call.fail(f"a list of {count} items has no position {start:.12g}", "no-item")
    begin = int(start) - 1 if start > 0 else count + int(start)
    if length is None:
        part = items[begin:]
    elif length < 1 or length > count - begin:
        return call.fail(f"there are not {length:.12g} items from there", "no-item")
    else:
        part = items[begin : begin + int(length)]
    call.runtime.make_items(len(part))
    return part


@_family.function(
    "append",
    "list: list",
    "item: Any!*",
    gives="list",
    summary="A list with more items at its end.",
    example="append([1], 2, 3)",
    result="[1, 2, 3]",
)
def append(call: Call, items: list[Any], more: list[Any]) -> Any:
    """With items at the end."""
    call.runtime.make_items(len(items) + len(more))
    return [*items, *more]


@_family.function(
    "concatenate",
    "list: list*",
    gives="list",
    summary="The items of several lists in one.",
    example="concatenate([1, 2], [3])",
    result="[1, 2, 3]",
)
def concatenate(call: Call, lists: list[list[Any]]) -> Any:
    """Lists in a row."""
    if not lists:
        return call.fail("takes at least one list", "arguments")
    call.runtime.make_items(sum(map(len, lists)))
    return [item for one in lists for item in one]


@_family.function(
    "insert before",
    "list: list",
    "position: number",
    "newItem: Any!",
    gives="list",
    summary="A list with another item before a position.",
    example="insert before([1, 3], 1, 2)",
    result="[2, 1, 3]",
)
def insert_before(call: Call, items: list[Any], position: Decimal, new: Any) -> Any:
    """With an item inserted."""
    place = _place(call, items, position)
    if not isinstance(place, int):
        return place
    call.runtime.make_items(len(items) + 1)
    return [*items[:place], new, *items[place:]]


@_family.function(
    "remove",
    "list: list",
    "position: number",
    gives="list",
    summary="A list without the item at a position.",
    example="remove([1, 2, 3], 2)",
    result="[1, 3]",
)
def remove(call: Call, items: list[Any], position: Decimal) -> Any:
    """Without an item."""
    place = _place(call, items, position)
    if not isinstance(place, int):
        return place
    call.runtime.make_items(len(items))
    return items[:place] + items[place + 1 :]


def _place(call: Call, items: list[Any], position: Decimal) -> Any:
    """A position as an index from 0, or a failure."""
    count = len(items)
    if 1 <= position <= count:
        return int(position) - 1
    if -count <= position <= -1:
        return count + int(position)
    return call.fail(f"a list of {count} items has no position {position:.12g}", "no-item")


@_family.function(
    "list replace",
    "list: list",
    "position: number",
    "newItem: Any!",
    gives="list",
    summary="A list with another item at a position, or, given a function of item and new item, "
    "at every place where it is true.",
    example="list replace([2, 4, 7, 8], function(item, newItem) item < newItem, 5)",
    result="[5, 5, 7, 8]",
)
def replace_at(call: Call, items: list[Any], position: Decimal, new: Any) -> Any:
    """At a position."""
    place = _place(call, items, position)
    if not isinstance(place, int):
        return place
    call.runtime.make_items(len(items))
    return [*items[:place], new, *items[place + 1 :]]


@_family.also("list replace", "list: list", "match: function", "newItem: Any!")
def replace_where(call: Call, items: list[Any], match: FunctionValue, new: Any) -> Any:
    """Where a function is true."""
    call.runtime.make_items(len(items))
    replaced: list[Any] = []
    for item in items:
        found = call.apply(match, item, new)
        if not isinstance(found, bool):
            return call.mismatch("a boolean from the function", found)
        replaced.append(new if found else item)
    return replaced


@_family.function(
    "reverse",
    "list: list",
    gives="list",
    summary="The items from last to first.",
    example="reverse([1, 2, 3])",
    result="[3, 2, 1]",
)
def reverse(call: Call, items: list[Any]) -> Any:
    """Last first."""
    call.runtime.make_items(len(items))
    return items[::-1]


@_family.function(
    "flatten",
    "list: list",
    gives="list",
    summary="The items of all lists within a list, at any depth, in one.",
    example="flatten([[1, 2], [[3]], 4])",
    result="[1, 2, 3, 4]",
)
def flatten(call: Call, items: list[Any]) -> Any:
    """One level only."""
    flat: list[Any] = []
    waiting = [iter(items)]
    while waiting:
        for item in waiting[-1]:
            call.runtime.make_items(1)
            call.runtime.spend(1)
            if isinstance(item, list):
                if len(waiting) > MAX_VALUE_DEPTH:
                    call.runtime.stop(f"values are nested deeper than {MAX_VALUE_DEPTH} levels")
                waiting.append(iter(item))
                break
            flat.append(item)
        else:
            waiting.pop()
    return flat


@_camunda.function(
    "partition",
    "list: list",
    "size: number",
    gives="list",
    summary="The items in lists of a size; the last may be shorter.",
    example="partition([1, 2, 3, 4, 5], 2)",
    result="[[1, 2], [3, 4], [5]]",
)
def partition(call: Call, items: list[Any], size: Decimal) -> Any:
    """Parts of a list."""
    if size < 1:
        return call.fail("size must be at least 1")
    width = int(min(size, Decimal(max(len(items), 1))))
    call.runtime.make_items(2 * len(items))
    return [items[start : start + width] for start in range(0, len(items), width)]
