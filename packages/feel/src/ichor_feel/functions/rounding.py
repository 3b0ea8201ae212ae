"""Rounding."""

from __future__ import annotations

from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
)
from typing import Any, Final

from ichor_feel.functions.call import Call
from ichor_feel.functions.registry import Family
from ichor_feel.values.numbers import ARITHMETIC, MAX_EXPONENT, ZERO

_family = Family("number")
_LEAST_SCALE: Final = -6111
_MOST_SCALE: Final = 6176
# Of numbers cut to one place, digits never are more than a number has.
_WIDE: Final = Context(prec=40, Emax=MAX_EXPONENT * 2, Emin=-MAX_EXPONENT * 2)


def rounded(call: Call, n: Decimal, scale: Decimal, mode: str) -> Any:
    """A number with so many digits after the point; negative scales round to tens, hundreds, …"""
    if not _LEAST_SCALE <= scale <= _MOST_SCALE:
        message = f"scale must be from {_LEAST_SCALE} to {_MOST_SCALE}"
        return call.fail(message, "arithmetic")
    places = int(scale)
    exponent = n.as_tuple().exponent
    assert isinstance(exponent, int)
    if -places <= exponent:
        return n
    if n.adjusted() < -places - 1:
        # Far below one unit of the last place, all alike.
        n = Decimal((n.is_signed(), (1,), -places - 2)) if n else ZERO
    unit = Decimal((0, (1,), -places))
    return ARITHMETIC.plus(n.quantize(unit, rounding=mode, context=_WIDE))


@_family.function(
    "decimal",
    "n: number",
    "scale: number",
    gives="number",
    summary="A number rounded to so many digits after the point; a half goes to the even digit.",
    example="decimal(2.345, 2)",
    result="2.34",
)
def half_even(call: Call, n: Decimal, scale: Decimal) -> Any:
    """Banker's rounding."""
    return rounded(call, n, scale, ROUND_HALF_EVEN)


@_family.function(
    "floor",
    "n: number",
    "scale: number?",
    gives="number",
    summary="The largest number with so many digits after the point (none, if not given) that is "
    "not above.",
    example="floor(-1.56, 1)",
    result="-1.6",
)
def floor(call: Call, n: Decimal, scale: Decimal = ZERO) -> Any:
    """Towards minus infinity."""
    return rounded(call, n, scale, ROUND_FLOOR)


@_family.function(
    "ceiling",
    "n: number",
    "scale: number?",
    gives="number",
    summary="The smallest number with so many digits after the point (none, if not given) that is "
    "not below.",
    example="ceiling(1.2)",
    result="2",
)
def ceiling(call: Call, n: Decimal, scale: Decimal = ZERO) -> Any:
    """Towards infinity."""
    return rounded(call, n, scale, ROUND_CEILING)


@_family.function(
    "round up",
    "n: number",
    "scale: number",
    gives="number",
    summary="A number rounded away from zero.",
    example="round up(1.121, 2)",
    result="1.13",
)
def round_up(call: Call, n: Decimal, scale: Decimal) -> Any:
    """Away from zero."""
    return rounded(call, n, scale, ROUND_UP)


@_family.function(
    "round down",
    "n: number",
    "scale: number",
    gives="number",
    summary="A number rounded towards zero.",
    example="round down(-1.126, 2)",
    result="-1.12",
)
def round_down(call: Call, n: Decimal, scale: Decimal) -> Any:
    """Towards zero."""
    return rounded(call, n, scale, ROUND_DOWN)


@_family.function(
    "round half up",
    "n: number",
    "scale: number",
    gives="number",
    summary="A number rounded to the nearest one; a half goes away from zero.",
    example="round half up(2.345, 2)",
    result="2.35",
)
def round_half_up(call: Call, n: Decimal, scale: Decimal) -> Any:
    """Commercial rounding."""
    return rounded(call, n, scale, ROUND_HALF_UP)


@_family.function(
    "round half down",
    "n: number",
    "scale: number",
    gives="number",
    summary="A number rounded to the nearest one; a half goes towards zero.",
    example="round half down(2.345, 2)",
    result="2.34",
)
def round_half_down(call: Call, n: Decimal, scale: Decimal) -> Any:
    """Halves towards zero."""
    return rounded(call, n, scale, ROUND_HALF_DOWN)
