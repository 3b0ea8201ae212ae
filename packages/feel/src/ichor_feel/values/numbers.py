"""Numbers: decimals of 34 digits, as IEEE 754-2008 decimal128 rounds them."""

from __future__ import annotations

from decimal import (
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DecimalException,
    DivisionByZero,
    InvalidOperation,
    Overflow,
)
from typing import Final

DIGITS: Final = 34
MAX_EXPONENT: Final = 6144
MIN_EXPONENT: Final = -6143

ARITHMETIC: Final = Context(
    prec=DIGITS,
    rounding=ROUND_HALF_EVEN,
    Emax=MAX_EXPONENT,
    Emin=MIN_EXPONENT,
    capitals=1,
    clamp=0,
    traps=[InvalidOperation, DivisionByZero, Overflow],
)
"""Of every operation. Its methods are used, so that no thread's own context matters."""

ZERO: Final = Decimal(0)
ONE: Final = Decimal(1)


def literal(text: str) -> Decimal | None:
    """The number that a text spells, rounded to 34 digits; None where it spells none in range."""
    try:
        number = ARITHMETIC.create_decimal(text)
    except DecimalException:
        return None
    return number if number.is_finite() else None


def of_int(number: int) -> Decimal | None:
    """A whole number, rounded to 34 digits; None out of range."""
    # Turning so long a number into digits would take quadratic time.
    if number.bit_length() > 20_480:
        return None
    try:
        return ARITHMETIC.create_decimal(number)
    except DecimalException:
        return None


def of_float(number: float) -> Decimal | None:
    """The number that `repr` shows; None for infinities and NaN."""
    return literal(repr(number))


def as_index(number: Decimal) -> int | None:
    """A number that can count items, cut to a whole one; None beyond 18 digits."""
    return int(number) if number.adjusted() < 18 else None


def plain(number: Decimal) -> str:
    """Digits without an exponent and without zeros that say nothing: ``1E+3`` is ``1000``."""
    if not number:
        return "0"
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text
