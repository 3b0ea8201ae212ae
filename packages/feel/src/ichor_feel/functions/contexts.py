"""Functions on contexts."""

# Values are of any kind; told apart by type, their items are still of any kind.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from typing import Any

from ichor_feel.evaluation.access import no_entry
from ichor_feel.functions.call import Call
from ichor_feel.functions.registry import Family

_family = Family("context")


@_family.function(
    "get value",
    "m: context",
    "key: string",
    gives="Any",
    summary="The value of an entry by its key, or of one within contexts by a list of keys.",
    example='get value({a: {b: 1}}, ["a", "b"])',
    result="1",
)
def get_value(call: Call, context: dict[str, Any], key: str) -> Any:
    """By a key."""
    if key in context:
        return context[key]
    return no_entry(call.runtime, call.span, context, key)


@_family.also("get value", "m: context", "keys: list")
def get_value_at(call: Call, context: dict[str, Any], keys: list[Any]) -> Any:
    """By a path."""
    value: Any = context
    if not keys:
        return call.fail("there are no keys", "arguments")
    for key in keys:
        if not isinstance(key, str):
            return call.mismatch("keys that are strings", key)
        if not isinstance(value, dict):
            return call.mismatch("a context", value)
        value = get_value(call, value, key)
    return value


@_family.function(
    "get entries",
    "m: context",
    gives="list",
    summary="The entries as a list of contexts with key and value.",
    example="get entries({a: 1})",
    result='[{key: "a", value: 1}]',
)
def get_entries(call: Call, context: dict[str, Any]) -> Any:
    """Entries as a list."""
    call.runtime.make_items(6 * len(context))
    return [{"key": key, "value": value} for key, value in context.items()]


@_family.function(
    "context",
    "entries: list",
    gives="context",
    summary="A context of a list of contexts with key and value.",
    example='context([{key: "a", value: 1}])',
    result="{a: 1}",
)
def context_of(call: Call, entries: list[Any]) -> Any:
    """The reverse of `get entries`."""
    call.runtime.make_items(2 * len(entries))
    result: dict[str, Any] = {}
    for entry in entries:
        if not isinstance(entry, dict) or not isinstance(entry.get("key"), str):
            return call.mismatch("contexts with a key that is a string", entry)
        if "value" not in entry:
            return call.fail("an entry has no value", "no-entry")
        if entry["key"] in result:
            return call.fail(f"the key {entry['key'][:60]!r} is there twice", "duplicate-key")
        result[entry["key"]] = entry["value"]
    return result


@_family.function(
    "context put",
    "context: context",
    "key: string",
    "value: Any!",
    gives="context",
    summary="A context with an entry set, or one within contexts by a list of keys.",
    example='context put({a: 1}, "b", 2)',
    result="{a: 1, b: 2}",
)
def put(call: Call, context: dict[str, Any], key: str, value: Any) -> Any:
    """By a key."""
    call.runtime.make_items(2 * len(context) + 2)
    return {**context, key: value}


@_family.also("context put", "context: context", "keys: list", "value: Any!")
def put_at(call: Call, context: dict[str, Any], keys: list[Any], value: Any) -> Any:
    """By a path of contexts."""
    if not keys:
        return call.fail("there are no keys", "arguments")
    for key in keys:
        if not isinstance(key, str):
            return call.mismatch("keys that are strings", key)
    outer = [context]
    for key in keys[:-1]:
        inner = outer[-1].get(key)
        if not isinstance(inner, dict):
            return call.mismatch(f"a context at {key[:60]!r}", inner)
        outer.append(inner)
    for one, key in zip(reversed(outer), reversed(keys), strict=True):
        value = put(call, one, key, value)
    return value


@_family.function(
    "context merge",
    "contexts: list",
    gives="context",
    summary="The entries of several contexts in one; of equal keys the last wins.",
    example="context merge([{a: 1}, {a: 2, b: 3}])",
    result="{a: 2, b: 3}",
)
def merge(call: Call, contexts: list[Any]) -> Any:
    """One of many."""
    result: dict[str, Any] = {}
    for context in contexts:
        if not isinstance(context, dict):
            return call.mismatch("contexts", context)
        call.runtime.make_items(2 * len(context) + 1)
        result.update(context)
    return result
