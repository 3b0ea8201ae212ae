"""The text of values, as the function `string` gives it."""

# Values are of any kind; told apart by type, their items are still of any kind.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ichor_feel.evaluation.limits import MAX_VALUE_DEPTH
from ichor_feel.evaluation.runtime import Runtime
from ichor_feel.syntax.escapes import quote
from ichor_feel.syntax.names import is_plain
from ichor_feel.values.failure import Failure
from ichor_feel.values.functions import BuiltIn, Lambda
from ichor_feel.values.numbers import plain
from ichor_feel.values.ranges import UNBOUNDED, Range


def text_of(runtime: Runtime, value: Any) -> str:
    """A value as text; within a list or context, texts are in quotes."""
    if type(value) is str:
        return value
    text = _text(runtime, value, 0)
    runtime.make_text(len(text))
    return text


def _text(runtime: Runtime, value: Any, depth: int) -> str:
    if depth > MAX_VALUE_DEPTH:
        runtime.stop(f"values are nested deeper than {MAX_VALUE_DEPTH} levels")
    # Counted while it grows: a value in many places of another is printed in each.
    runtime.spend(4)
    match value:
        case None | Failure():
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            runtime.make_text(len(value))
            return quote(value)
        case Decimal():
            text = plain(value)
            runtime.make_text(len(text))
            return text
        case list():
            items: list[Any] = value
            return "[" + ", ".join([_text(runtime, one, depth + 1) for one in items]) + "]"
        case dict():
            entries: dict[str, Any] = value
            return (
                "{"
                + ", ".join(
                    [
                        f"{key if is_plain(key) or ' ' in key else quote(key)}: "
                        f"{_text(runtime, one, depth + 1)}"
                        for key, one in entries.items()
                    ]
                )
                + "}"
            )
        case Range():
            return _range_text(runtime, value, depth + 1)
        case Lambda() | BuiltIn():
            return repr(value)
        case _:
            return str(value)


def _range_text(runtime: Runtime, value: Range, depth: int) -> str:
    if value.excluded:
        return f"(!= {_text(runtime, value.start, depth)})"
    if value.start is UNBOUNDED:
        operator = "<=" if value.end_included else "<"
        return f"({operator} {_text(runtime, value.end, depth)})"
    if value.end is UNBOUNDED:
        operator = ">=" if value.start_included else ">"
        return f"({operator} {_text(runtime, value.start, depth)})"
    opening, closing = "(["[value.start_included], ")]"[value.end_included]
    start, end = _text(runtime, value.start, depth), _text(runtime, value.end, depth)
    return f"{opening}{start}..{end}{closing}"
