"""Functions on lists."""

# Values are of any kind; told apart by type, their items are still of any kind.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ichor_feel.functions.call import Call
from ichor_feel.functions.distinct import Distinct
from ichor_feel.functions.list_changes import concatenate
from ichor_feel.functions.registry import Family
from ichor_feel.values.equality import equal

_family = Family("list")
_camunda = Family("list", "Camunda")


@_family.function(
    "list contains",
    "list: list",
    "element: Any!",
    gives="boolean",
    summary="Whether a list has an item equal to a value, which may be null.",
    example="list contains([1, 2, 3], 2)",
    result="true",
)
def list_contains(call: Call, items: list[Any], element: Any) -> Any:
    """Membership."""
    call.runtime.spend(len(items))
    return any(equal(call.runtime, item, element) for item in items)


@_family.function(
    "count",
    "list: list",
    gives="number",
    summary="Number of items.",
    example="count([1, 2, 3])",
    result="3",
)
def count(_: Call, items: list[Any]) -> Any:
    """Length."""
    return Decimal(len(items))


@_family.function(
    "index of",
    "list: list",
    "match: Any!",
    gives="list",
    summary="All positions of a value, which may be null.",
    example="index of([1, 2, 3, 2], 2)",
    result="[2, 4]",
)
def index_of(call: Call, items: list[Any], match: Any) -> Any:
    """Positions of equal items."""
    call.runtime.make_items(len(items))
    call.runtime.spend(len(items))
    return [
        Decimal(place)
        for place, item in enumerate(items, start=1)
        if equal(call.runtime, item, match)
    ]


@_family.function(
    "union",
    "list: list*",
    gives="list",
    summary="The items of several lists, each once.",
    example="union([1, 2], [2, 3])",
    result="[1, 2, 3]",
)
def union(call: Call, lists: list[list[Any]]) -> Any:
    """Without repetition."""
    everything = concatenate(call, lists)
    return distinct(call, everything) if isinstance(everything, list) else everything


@_family.function(
    "distinct values",
    "list: list",
    gives="list",
    summary="The items, each once, in the order in which they come first.",
    example="distinct values([1, 2, 3, 2, 1])",
    result="[1, 2, 3]",
)
def distinct(call: Call, items: list[Any]) -> Any:
    """Without repetition."""
    call.runtime.make_items(len(items))
    seen = Distinct(call.runtime)
    return [item for item in items if seen.add(item) == 1]


@_family.function(
    "duplicate values",
    "list: list",
    gives="list",
    summary="The items that are there more than once, each once.",
    example="duplicate values([1, 2, 3, 2, 1])",
    result="[1, 2]",
)
def duplicates(call: Call, items: list[Any]) -> Any:
    """Repeated ones."""
    call.runtime.make_items(len(items))
    counted = Distinct(call.runtime)
    for item in items:
        counted.add(item)
    return [value for value, times in counted.counts() if times > 1]


@_camunda.function(
    "is empty",
    "list: list",
    gives="boolean",
    summary="Whether a list has no items.",
    example="is empty([])",
    result="true",
)
def is_empty(_: Call, items: list[Any]) -> Any:
    """No items."""
    return not items
