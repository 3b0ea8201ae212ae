"""Values as text, where a template stands inside a longer string."""

from decimal import Decimal
from typing import Any

from ichor_core import exact_json
from ichor_core.expressions.kinds import exact_number


def render_text(value: Any) -> str:
    """Return a value as text: JSON for objects and lists, plain decimal notation for numbers.

    Null is the empty text.
    """
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(Decimal(value)) if value.bit_length() > 10_000 else str(value)
    if isinstance(value, float | Decimal):
        return format(exact_number(value), "f").removesuffix(".0")
    return exact_json.encode(value).decode()
