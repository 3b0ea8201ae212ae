"""Values as JSON."""

# Values are of any kind; told apart by type, their items are still of any kind.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final, NoReturn

from ichor_feel.errors import NotJsonError
from ichor_feel.evaluation.limits import MAX_VALUE_DEPTH
from ichor_feel.values.failure import Failure
from ichor_feel.values.functions import BuiltIn, Lambda
from ichor_feel.values.numbers import literal, plain
from ichor_feel.values.ranges import Range

_MAX_NODES: Final = 1_000_000
_MAX_CHARACTERS: Final = 16_777_216


def to_json_value(value: Any) -> Any:
    """A value in terms of JSON: None, bool, int, Decimal, str, list and dict.

    Whole numbers become int, other ones stay Decimal; dates, times, durations and ranges become
    their text. NotJsonError for functions, and for values nested or grown beyond any use.
    """
    return _Plain().convert(value, 0)


class _Plain:
    def __init__(self) -> None:
        self.left = _MAX_NODES

    def convert(self, value: Any, depth: int) -> Any:
        self.left -= 1
        if depth > MAX_VALUE_DEPTH or self.left < 0:
            raise NotJsonError("the value is nested too deeply or too large for JSON")
        match value:
            case None | Failure():
                return None
            case bool() | str():
                return value
            case Decimal():
                whole = value == value.to_integral_value() and value.adjusted() < 400
                return int(value) if whole else value
            case list():
                items: list[Any] = value
                return [self.convert(one, depth + 1) for one in items]
            case dict():
                entries: dict[str, Any] = value
                return {key: self.convert(one, depth + 1) for key, one in entries.items()}
            case Lambda() | BuiltIn():
                raise NotJsonError("a function has no JSON")
            case Range():
                return range_text(value)
            case _:
                return str(value)


def range_text(value: Range) -> str:
    """A range as text."""
    from ichor_feel.evaluation.limits import DEFAULT_LIMITS
    from ichor_feel.evaluation.runtime import LimitReachedError, Runtime
    from ichor_feel.values.text import text_of

    try:
        return text_of(Runtime({}, None, DEFAULT_LIMITS, {}), value)
    except LimitReachedError as error:
        raise NotJsonError(str(error)) from None


def json_text(
    value: Any, *, spend: Callable[[int], None] | None = None, room: int = _MAX_CHARACTERS
) -> str:
    """A value as compact JSON, numbers with all their digits and no exponent.

    NotJsonError where `to_json_value` raises it, or where the text is longer than `room`.
    """
    parts: list[str] = []
    _write(value, parts, [room, _MAX_NODES], 0, spend)
    return "".join(parts)


def _write(
    value: Any,
    parts: list[str],
    left: list[int],
    depth: int,
    spend: Callable[[int], None] | None,
) -> None:
    if spend is not None:
        spend(2)
    left[1] -= 1
    if depth > MAX_VALUE_DEPTH or left[0] < 0 or left[1] < 0:
        raise NotJsonError("the value is nested too deeply or too large for JSON")
    match value:
        case list():
            items: list[Any] = value
            parts.append("[")
            for place, one in enumerate(items):
                if place:
                    parts.append(",")
                _write(one, parts, left, depth + 1, spend)
            parts.append("]")
        case dict():
            entries: dict[str, Any] = value
            parts.append("{")
            for place, (key, one) in enumerate(entries.items()):
                head = json.dumps(key, ensure_ascii=False)
                left[0] -= len(head)
                parts.append(f",{head}:" if place else f"{head}:")
                _write(one, parts, left, depth + 1, spend)
            parts.append("}")
        case _:
            parts.append(_atom(value))
            left[0] -= len(parts[-1])


def _atom(value: Any) -> str:
    match value:
        case Decimal():
            return plain(value)
        case bool():
            return "true" if value else "false"
        case None | Failure():
            return "null"
        case str():
            return json.dumps(value, ensure_ascii=False)
        case Lambda() | BuiltIn():
            raise NotJsonError("a function has no JSON")
        case Range():
            return json.dumps(range_text(value), ensure_ascii=False)
        case _:
            return json.dumps(str(value), ensure_ascii=False)


def parse_json(text: str) -> Any:
    """Python values of JSON, numbers as Decimal; ValueError for others, RecursionError if deep."""
    return json.loads(text, parse_int=_number, parse_float=_number, parse_constant=_no_number)


def _number(text: str) -> Decimal:
    number = literal(text)
    if number is None:
        raise ValueError("a number is out of range")
    return number


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")
