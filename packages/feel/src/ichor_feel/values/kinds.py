"""Kinds of values, and short descriptions of them for messages."""

# Values are of any kind; told apart by type, their items are still of any kind.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from itertools import islice
from typing import Any, Final

from ichor_feel.values.durations import DaysDuration, MonthsDuration
from ichor_feel.values.failure import Failure
from ichor_feel.values.functions import BuiltIn, Lambda
from ichor_feel.values.numbers import plain
from ichor_feel.values.ranges import Range
from ichor_feel.values.temporal import Date, DateTime, Time

KIND_NAMES: Final[dict[type[Any], str]] = {
    type(None): "null",
    Failure: "null",
    bool: "boolean",
    Decimal: "number",
    str: "string",
    Date: "date",
    Time: "time",
    DateTime: "date and time",
    DaysDuration: "days and time duration",
    MonthsDuration: "years and months duration",
    list: "list",
    dict: "context",
    Range: "range",
    Lambda: "function",
    BuiltIn: "function",
}
_SHOWN: Final = 40
_SHOWN_KEYS: Final = 8


def is_null(value: Any) -> bool:
    """Whether a value is null, with a reason or without."""
    return value is None or type(value) is Failure


def kind_name(value: Any) -> str:
    """The standard's name for the kind of a value."""
    return KIND_NAMES.get(type(value), "value")


def describe(value: Any) -> str:
    """A value in a few words, as ``the string "abc"``."""
    kind = kind_name(value)
    match value:
        case str():
            shown = value if len(value) <= _SHOWN else value[:_SHOWN] + "…"
            return f'the string "{shown}"'
        case Decimal():
            text = plain(value)
            return f"the number {text if len(text) <= _SHOWN else text[:_SHOWN] + '…'}"
        case bool():
            return f"the boolean {str(value).lower()}"
        case list():
            return f"a list of {len(value)} {'item' if len(value) == 1 else 'items'}"
        case dict():
            return f"a context with {keys_text(value)}" if value else "an empty context"
        case Range() | Lambda() | BuiltIn():
            return f"a {kind}"
        case _:
            return "null" if kind == "null" else f"the {kind} {value}"


def keys_text(context: Mapping[str, Any]) -> str:
    """The first keys of a context."""
    keys = [
        key if len(key) <= _SHOWN else key[:_SHOWN] + "…" for key in islice(context, _SHOWN_KEYS)
    ]
    more = len(context) - len(keys)
    return ", ".join(keys) + (f" and {more} more" if more else "")
