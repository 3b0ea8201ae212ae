"""JSON whose numbers survive.

Integers of any size stay integers. A number with a fraction becomes a `float` where the float
says the same decimal number, and a `Decimal` where it would not. Values that PostgreSQL or another
reader could not keep (NaN, infinities, NUL, lone surrogates) are refused, with their place.
"""

import math
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, TypeVar, cast, overload

import msgspec

from ichor_core.errors import ExactJsonError
from ichor_core.explain import explain

T = TypeVar("T")

MAX_DEPTH = 200
"""Deepest nesting of objects and lists."""
MAX_NUMBER_DIGITS = 1000
"""Most digits of a number, written out without an exponent."""

_encoder = msgspec.json.Encoder(decimal_format="number")
_sorted_encoder = msgspec.json.Encoder(decimal_format="number", order="sorted")


def exact_float(text: str) -> float | Decimal:
    """Return the number that `text` writes, as a float only if that is exact."""
    number = float(text)
    try:
        exact = Decimal(text)
    except InvalidOperation as error:
        raise ExactJsonError(f"the number {text[:40]} is out of range") from error
    if not exact.is_zero() and abs(exact.adjusted()) > MAX_NUMBER_DIGITS:
        raise ExactJsonError(f"the number {text[:40]} has more than {MAX_NUMBER_DIGITS} digits")
    return number if math.isfinite(number) and Decimal(repr(number)) == exact else exact


@lru_cache(maxsize=256)
def _decoder(type: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(type, float_hook=exact_float)


def encode(value: Any) -> bytes:
    """Write a value as JSON.

    Raises:
        ExactJsonError: a string holds a lone surrogate.
    """
    try:
        return _encoder.encode(value)
    except UnicodeEncodeError as error:
        raise ExactJsonError("a string holds a lone surrogate") from error


def encode_canonical(value: Any) -> bytes:
    """Write a value as JSON with sorted keys: the same bytes for equal values."""
    return _sorted_encoder.encode(value)


@overload
def decode(text: bytes | str) -> Any: ...
@overload
def decode(text: bytes | str, type: type[T]) -> T: ...
def decode(text: bytes | str, type: Any = Any) -> Any:
    """Read JSON into `type`.

    Raises:
        ExactJsonError: not JSON, not of this type, or not storable; the message names the place.
    """
    try:
        value: Any = _decoder(type).decode(text)
    except msgspec.ValidationError as error:
        raise ExactJsonError(*explain(str(error), type, _plain(text))) from error
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise ExactJsonError(f"this is not JSON: {_reason(error)}") from error
    raw = text.encode() if isinstance(text, str) else text
    # The parser refuses NaN, infinities and lone surrogates; only NUL and depth are left to check.
    look = b"\\u0000" in raw
    if look or raw.count(b"[") + raw.count(b"{") > MAX_DEPTH:
        check_storable(msgspec.to_builtins(value, builtin_types=(Decimal,)), look=look)
    return value


def _plain(text: bytes | str) -> Any:
    """Return the plain data of a refused text, UNSET where it is not JSON."""
    try:
        return _decoder(Any).decode(text)
    except (msgspec.DecodeError, ExactJsonError, UnicodeError, RecursionError):
        # The parser stopped at the value; what follows may be anything.
        return msgspec.UNSET


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if str(error) == "Input data was truncated":
        return "it ends too early, or holds a lone surrogate"
    return str(error).removeprefix("JSON is malformed: ")


def with_floats(value: Any) -> Any:
    """Return the value with floats for decimals, which validators of JSON Schema do not take.

    A decimal that is too large for a float becomes an integer.
    """
    if isinstance(value, Decimal):
        number = float(value)
        return number if math.isfinite(number) else int(value)
    if isinstance(value, dict):
        return {key: with_floats(item) for key, item in cast(dict[str, Any], value).items()}
    if isinstance(value, list):
        return [with_floats(item) for item in cast(list[Any], value)]
    return value


def check_storable(value: Any, *, look: bool = True, path: str = "$") -> None:
    """Refuse a value that JSON storage cannot keep exactly.

    Args:
        value: plain data: objects, lists, strings, numbers, booleans, None.
        look: also look into strings for NUL and lone surrogates.
        path: the place of `value`, for the message.

    Raises:
        ExactJsonError: with the place of the first offence.
    """
    stack: list[tuple[str, Any, int]] = [(path, value, 0)]
    while stack:
        place, item, depth = stack.pop()
        if depth > MAX_DEPTH:
            raise ExactJsonError(f"nested deeper than {MAX_DEPTH}", f"{place[:80]}…")
        if isinstance(item, dict):
            for key, inner in cast(dict[Any, Any], item).items():
                if not isinstance(key, str):
                    raise ExactJsonError(f"the key {key!r} is not a string", place)
                _check_scalar(key, place, look=look)
                stack.append((f"{place}.{key}", inner, depth + 1))
        elif isinstance(item, list | tuple):
            for index, inner in enumerate(cast(Iterable[Any], item)):
                stack.append((f"{place}[{index}]", inner, depth + 1))
        else:
            _check_scalar(item, place, look=look)


def _check_scalar(value: Any, path: str, *, look: bool) -> None:
    if isinstance(value, str):
        if look:
            _check_text(value, path)
    elif (isinstance(value, float) and not math.isfinite(value)) or (
        isinstance(value, Decimal) and not value.is_finite()
    ):
        raise ExactJsonError(f"{value} is not a number that JSON can hold", path)


def _check_text(text: str, path: str) -> None:
    if "\0" in text:
        raise ExactJsonError("a string holds a NUL character", path)
    if not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text):
        raise ExactJsonError("a string holds a lone surrogate", path)
