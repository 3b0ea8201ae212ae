"""Values of the kit, written as types and texts of XML Schema."""

# Values are of any kind; told apart by type, their items are still of any kind.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ichor_feel.values.durations import duration_of
from ichor_feel.values.numbers import literal
from ichor_feel.values.temporal_text import date_from, date_time_from, time_from

_NUMBERS = frozenset({"decimal", "double", "float", "integer", "int", "long", "number"})


def scalar(kind: str, text: str) -> Any:
    """The value that a text of a type of XML Schema means."""
    if kind in _NUMBERS:
        return literal(text.strip())
    match kind:
        case "boolean":
            return text.strip() in {"true", "1"}
        case "date":
            return date_from(text)
        case "time":
            return time_from(text)
        case "dateTime":
            return date_time_from(text)
        case "duration" | "dayTimeDuration" | "yearMonthDuration":
            return duration_of(text)
        case _:
            return text


def value_of(data: Any) -> Any:
    """The value that a line of JSON holds."""
    if data is None:
        return None
    row: Mapping[str, Any] = data
    if "list" in row:
        return [value_of(item) for item in row["list"]]
    if "context" in row:
        return {key: value_of(item) for key, item in row["context"].items()}
    return scalar(row["type"], row["text"])


def alike(found: Any, expected: Any) -> bool:
    """Whether a value is the expected one; numbers, as far as the kit writes their digits."""
    if isinstance(expected, Decimal):
        if not isinstance(found, Decimal):
            return False
        exponent = expected.as_tuple().exponent
        assert isinstance(exponent, int)
        tolerance = Decimal((0, (1,), exponent)) if exponent < -6 else Decimal("1e-30")
        return abs(found - expected) <= max(tolerance, abs(expected) * Decimal("1e-14"))
    if isinstance(expected, list):
        items: list[Any] = expected
        return (
            isinstance(found, list) and len(found) == len(items) and all(map(alike, found, items))
        )
    if isinstance(expected, dict):
        entries: dict[str, Any] = expected
        return (
            isinstance(found, dict)
            and found.keys() == entries.keys()
            and all(alike(found[key], entries[key]) for key in entries)
        )
    return type(found) is type(expected) and bool(found == expected)
