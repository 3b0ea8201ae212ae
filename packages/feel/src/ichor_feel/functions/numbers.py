"""Functions on numbers."""

from __future__ import annotations

from decimal import ROUND_FLOOR, Decimal, DecimalException
from typing import Any

from ichor_feel.functions.call import Call
from ichor_feel.functions.registry import Family
from ichor_feel.values.durations import DaysDuration, MonthsDuration
from ichor_feel.values.numbers import ARITHMETIC

_family = Family("number")


@_family.function(
    "abs",
    "n: number",
    gives="number",
    summary="A number or duration without its sign.",
    example="abs(-7.5)",
    result="7.5",
)
def absolute(_: Call, n: Decimal) -> Any:
    """Of a number."""
    return n.copy_abs()


@_family.also("abs", "n: duration")
def absolute_duration(_: Call, n: DaysDuration | MonthsDuration) -> Any:
    """Of a duration."""
    if isinstance(n, DaysDuration):
        return DaysDuration(abs(n.nanoseconds))
    return MonthsDuration(abs(n.months))


@_family.function(
    "modulo",
    "dividend: number",
    "divisor: number",
    gives="number",
    summary="The rest of a division, with the sign of the divisor.",
    example="modulo(-12, 5)",
    result="3",
)
def modulo(call: Call, dividend: Decimal, divisor: Decimal) -> Any:
    """`dividend - divisor * floor(dividend / divisor)`."""
    if not divisor:
        return call.fail("division by zero", "arithmetic")
    try:
        # The rest of exact division, which a rounded quotient would spoil.
        rest = ARITHMETIC.remainder(dividend, divisor)
    except DecimalException:
        quotient = ARITHMETIC.divide(dividend, divisor).to_integral_value(ROUND_FLOOR)
        return ARITHMETIC.subtract(dividend, ARITHMETIC.multiply(divisor, quotient))
    if rest and (rest < 0) != (divisor < 0):
        rest = ARITHMETIC.add(rest, divisor)
    return rest


def _calculated(call: Call, result: Any, n: Decimal) -> Any:
    call.runtime.spend(50)
    try:
        return result(n)
    except DecimalException:
        return call.fail(f"has no value for {n:.6g}", "arithmetic")


@_family.function(
    "sqrt",
    "number: number",
    gives="number",
    summary="The square root of a number that is not negative.",
    example="sqrt(16)",
    result="4",
)
def square_root(call: Call, number: Decimal) -> Any:
    """Square root."""
    return _calculated(call, ARITHMETIC.sqrt, number)


@_family.function(
    "log",
    "number: number",
    gives="number",
    summary="The natural logarithm of a number above zero.",
    example="decimal(log(10), 4)",
    result="2.3026",
)
def logarithm(call: Call, number: Decimal) -> Any:
    """Natural logarithm."""
    if number <= 0:
        return call.fail("takes numbers above zero", "arithmetic")
    return _calculated(call, ARITHMETIC.ln, number)


@_family.function(
    "exp",
    "number: number",
    gives="number",
    summary="Euler's number to the power of a number.",
    example="decimal(exp(1), 4)",
    result="2.7183",
)
def exponential(call: Call, number: Decimal) -> Any:
    """Exponential."""
    return _calculated(call, ARITHMETIC.exp, number)


def _is_multiple_of_two(number: Decimal) -> bool | None:
    if number != number.to_integral_value():
        return None
    try:
        return not ARITHMETIC.remainder(number, Decimal(2))
    except DecimalException:
        return True  # beyond 34 digits only tens are told apart


@_family.function(
    "even",
    "number: number",
    gives="boolean",
    summary="Whether a number is a multiple of two.",
    example="even(4)",
    result="true",
)
def even(_: Call, number: Decimal) -> Any:
    """Multiple of two."""
    return bool(_is_multiple_of_two(number))


@_family.function(
    "odd",
    "number: number",
    gives="boolean",
    summary="Whether a number is whole and no multiple of two.",
    example="odd(4)",
    result="false",
)
def odd(_: Call, number: Decimal) -> Any:
    """Whole and not even."""
    return _is_multiple_of_two(number) is False
