"""Grouping and indexing of lists."""

from __future__ import annotations

from typing import Any

from ichor_feel.evaluation.access import member
from ichor_feel.functions.call import Call
from ichor_feel.functions.distinct import Distinct
from ichor_feel.functions.registry import Family
from ichor_feel.values.functions import FunctionValue
from ichor_feel.values.kinds import is_null
from ichor_feel.values.text import text_of

_family = Family("list", "own")


def _key(call: Call, item: Any, key: Any) -> Any:
    if isinstance(key, str):
        return member(call.runtime, call.span, item, key)
    return call.apply(key, item)


def _group(call: Call, items: list[Any], key: Any) -> Any:
    runtime = call.runtime
    runtime.make_items(8 * len(items))
    seen = Distinct(runtime)
    groups: list[dict[str, Any]] = []
    by_entry: dict[int, dict[str, Any]] = {}
    for item in items:
        value = _key(call, item, key)
        entry, times = seen.entry(value)
        if times == 1:
            by_entry[entry] = {"key": value, "items": []}
            groups.append(by_entry[entry])
        by_entry[entry]["items"].append(item)
    return groups


@_family.function(
    "group by",
    "list: list",
    "key: string",
    gives="list",
    summary="Contexts with `key` and `items`, one for each value of an entry, or of a function of "
    "the item, in the order in which they come first.",
    example='for g in group by([{c: "x", n: 1}, {c: "y", n: 2}, {c: "x", n: 3}], "c") '
    "return {c: g.key, n: sum(g.items.n)}",
    result='[{c: "x", n: 4}, {c: "y", n: 2}]',
)
def group_by(call: Call, items: list[Any], key: str) -> Any:
    """By an entry."""
    return _group(call, items, key)


@_family.also("group by", "list: list", "key: function")
def group_by_function(call: Call, items: list[Any], key: FunctionValue) -> Any:
    """By a function."""
    return _group(call, items, key)


def _index(call: Call, items: list[Any], key: Any) -> Any:
    call.runtime.make_items(2 * len(items))
    index: dict[str, Any] = {}
    for item in items:
        value = _key(call, item, key)
        if is_null(value):
            return call.mismatch("a key that is not null", value)
        index[text_of(call.runtime, value)] = item
    return index


@_family.function(
    "index by",
    "list: list",
    "key: string",
    gives="context",
    summary="A context of the items by the text of an entry, or of a function of the item; of "
    "equal keys the last wins.",
    example='get value(index by([{id: 7, n: "a"}, {id: 9, n: "b"}], "id"), "9").n',
    result='"b"',
)
def index_by(call: Call, items: list[Any], key: str) -> Any:
    """By an entry."""
    return _index(call, items, key)


@_family.also("index by", "list: list", "key: function")
def index_by_function(call: Call, items: list[Any], key: FunctionValue) -> Any:
    """By a function."""
    return _index(call, items, key)
