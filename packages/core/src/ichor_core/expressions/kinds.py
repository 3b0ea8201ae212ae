"""Kinds of plain values, as messages name them, and the exact number that a value is."""

from decimal import Decimal
from typing import Any, cast

_NAMES: dict[type[Any], str] = {
    type(None): "null",
    bool: "a boolean",
    str: "text",
    list: "a list",
    dict: "an object",
}


def is_number(value: Any) -> bool:
    """Say whether a value is a number in JSON; a boolean is not."""
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def exact_number(value: float | Decimal) -> int | Decimal:
    """Return the decimal number that is written, not the binary one that a float holds."""
    return Decimal(repr(value)) if isinstance(value, float) else value


def kind_of(value: Any) -> str:
    """Return the JSON kind of a value, with its article: `a number`, `text`, `null`."""
    if is_number(value):
        return "a number"
    return _NAMES.get(cast(type[Any], type(value)), type(value).__name__)
