"""Patterns of numbers, as ``#'##0.00``."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Final

MAX_PATTERN: Final = 100
_PATTERN: Final = re.compile(
    r"([^#0.,' \u00a0\u2019\u202f]*)([#0.,' \u00a0\u2019\u202f]*[#0])(.*)\Z", re.DOTALL
)
_GROUPING: Final = frozenset("., '\u00a0\u2019\u202f")
_EXACT: Final = Context(prec=7_000, Emax=99_999, Emin=-99_999)


class NumberPatternError(ValueError):
    """A pattern that says nothing about digits."""


def format_decimal(value: Decimal, pattern: str) -> str:
    """The number by the pattern, a half rounded away from zero."""
    if len(pattern) > MAX_PATTERN:
        raise NumberPatternError(f"the pattern is longer than {MAX_PATTERN} characters")
    found = _PATTERN.match(pattern)
    if found is None:
        raise NumberPatternError("the pattern has no 0 or #, or separators in the wrong place")
    head, digits, tail = found[1], found[2], found[3]
    whole, point, fraction = _split(digits)
    if "#0" in fraction or "0#" in whole.translate(_NO_GROUPS):
        raise NumberPatternError("# stands left of 0 before the separator, and right of it after")
    percent = "%" in head + tail
    number = _EXACT.scaleb(value, 2) if percent else value
    most, least = len(fraction), fraction.count("0")
    rounded = number.quantize(Decimal((0, (1,), -most)), ROUND_HALF_UP, context=_EXACT)
    text = f"{abs(rounded):f}"
    integer, _, decimals = text.partition(".")
    while len(decimals) > least and decimals.endswith("0"):
        decimals = decimals[:-1]
    integer = integer.lstrip("0").rjust(whole.count("0"), "0")
    separator = next((one for one in whole if one in _GROUPING), "")
    if separator:
        size = len(whole) - 1 - whole.rfind(separator)
        integer = _grouped(integer, separator, max(size, 1))
    sign = "-" if rounded < 0 else ""
    return sign + head + integer + (point + decimals if decimals else "") + tail


_NO_GROUPS: Final = {ord(one): None for one in _GROUPING}


def _split(digits: str) -> tuple[str, str, str]:
    """Before the decimal separator, that, and after it.

    The last point or comma is the decimal separator, unless the same sign stands there before, or a
    comma has exactly ``##0`` or ``000`` behind it and no fraction follows.
    """
    place = max(digits.rfind("."), digits.rfind(","))
    if place < 0:
        return digits, "", ""
    sign = digits[place]
    fraction = digits[place + 1 :]
    if (
        digits.count(sign) > 1
        or fraction in {"##0", "###"}
        or any(one in _GROUPING for one in fraction)
    ):
        return digits, "", ""
    return digits[:place], sign, fraction


def _grouped(integer: str, separator: str, size: int) -> str:
    first = len(integer) % size
    parts = [integer[:first]] if first else []
    parts += [integer[start : start + size] for start in range(first, len(integer), size)]
    return separator.join(parts)
