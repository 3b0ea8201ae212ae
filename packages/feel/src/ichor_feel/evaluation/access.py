"""Entries of contexts, properties of values, items of lists."""

# Values are of any kind; told apart by type, their items are still of any kind.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ichor_feel.evaluation.limits import MAX_VALUE_DEPTH
from ichor_feel.evaluation.runtime import Runtime
from ichor_feel.source import Span
from ichor_feel.values.failure import Failure
from ichor_feel.values.kinds import describe, keys_text, kind_name
from ichor_feel.values.numbers import plain
from ichor_feel.values.properties import PROPERTIES


def member(runtime: Runtime, span: Span, value: Any, name: str, depth: int = 0) -> Any:
    """``value.name``; of a list, that of each item."""
    kind = type(value)
    if kind is dict:
        if name in value:
            return value[name]
        return no_entry(runtime, span, value, name)
    if kind is list:
        if depth > MAX_VALUE_DEPTH:
            runtime.stop(f"values are nested deeper than {MAX_VALUE_DEPTH} levels")
        runtime.make_items(len(value))
        runtime.spend(3 * len(value))
        return [member(runtime, span, one, name, depth + 1) for one in value]
    if kind is Failure:
        return value
    properties = PROPERTIES.get(kind)
    if properties is not None and name in properties:
        return properties[name](value)
    if value is None:
        return runtime.fail(span, "no-entry", f"null has no entry {name!r}", "null")
    if properties is None:
        message = f"{describe(value)} has no entries, so none named {name!r}"
    else:
        message = f"a {kind_name(value)} has no property {name!r}; it has {', '.join(properties)}"
    return runtime.fail(span, "no-entry", message, describe(value))


def no_entry(runtime: Runtime, span: Span, context: dict[str, Any], name: str) -> Failure:
    """A failure that names the entries there are."""
    hint = runtime.near(name, context)
    found = describe(context)
    return runtime.fail(span, "no-entry", f"no entry {name!r} in {found}{hint}", found)


def unknown_name(runtime: Runtime, span: Span, name: str) -> Failure:
    """A failure about a name that is nowhere."""
    context = runtime.context
    hint = runtime.near(name, context)
    known = f"known are {keys_text(context)}" if context else "no names are known"
    return runtime.fail(span, "unknown-name", f"nothing is named {name!r}{hint}", known)


def item_at(runtime: Runtime, span: Span, items: list[Any], index: Decimal) -> Any:
    """``items[index]``, from 1, or from the end by a negative index."""
    count = len(items)
    # A comparison of numbers, since the digits of an index may be very many.
    if abs(index) <= count:
        place = int(index)
        if place == index and place:
            return items[place - 1 if place > 0 else place]
    found = f"a list of {count} {'item' if count == 1 else 'items'}"
    return runtime.fail(span, "no-item", f"no item {_short(index)} in {found}", found)


def _short(index: Decimal) -> str:
    text = plain(index)
    return text if len(text) <= 20 else text[:20] + "…"
