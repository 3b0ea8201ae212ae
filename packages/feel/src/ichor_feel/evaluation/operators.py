"""Arithmetic, comparisons and ranges, compiled."""

from __future__ import annotations

import operator
from collections.abc import Callable
from decimal import Decimal, DecimalException
from typing import Any, Final

from ichor_feel.evaluation.arithmetic import calculate
from ichor_feel.evaluation.compiler import Compiler
from ichor_feel.evaluation.runtime import Runtime
from ichor_feel.source import Span
from ichor_feel.syntax import tree
from ichor_feel.values.equality import compare, equal
from ichor_feel.values.failure import Failure
from ichor_feel.values.functions import Code, Frame
from ichor_feel.values.kinds import describe, is_null
from ichor_feel.values.numbers import ARITHMETIC
from ichor_feel.values.ranges import UNBOUNDED, Range

_FAST: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "+": ARITHMETIC.add,
    "-": ARITHMETIC.subtract,
    "*": ARITHMETIC.multiply,
    "/": ARITHMETIC.divide,
}
_ORDERS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def chain(compiler: Compiler, node: tree.Chain) -> Code:
    """``a + b - c``."""
    span = node.span
    first = compiler.compile(node.first)
    rest = [(sign, compiler.compile(operand), operand.span) for sign, operand in node.rest]
    if len(rest) == 1 and rest[0][0] in _FAST:
        sign, right, _ = rest[0]
        fast = _FAST[sign]

        def once(frame: Frame) -> Any:
            one, other = first(frame), right(frame)
            if type(one) is Decimal and type(other) is Decimal:
                try:
                    return fast(one, other)
                except DecimalException:
                    pass  # said below
            return calculate(frame[0], span, sign, one, other)

        return once
    start = node.first.span.start

    def run(frame: Frame) -> Any:
        value = first(frame)
        for sign, right, right_span in rest:
            place = Span(start, right_span.end)
            value = calculate(frame[0], place, sign, value, right(frame))
        return value

    return run


def comparison(compiler: Compiler, node: tree.Comparison) -> Code:
    """``a = b`` and the like."""
    left, right, span = compiler.compile(node.left), compiler.compile(node.right), node.span
    if node.operator in {"=", "!="}:
        wanted = node.operator == "="
        about_null = tree.Literal(None) in (node.left, node.right)

        def same(frame: Frame) -> Any:
            one, other = left(frame), right(frame)
            if about_null:
                for value in (one, other):
                    if type(value) is Failure:
                        value.handle()
            return equality(frame[0], span, one, other, wanted)

        return same
    sign, fast = node.operator, _ORDERS[node.operator]

    def ordered(frame: Frame) -> Any:
        one, other = left(frame), right(frame)
        if type(one) is Decimal and type(other) is Decimal:
            return fast(one, other)
        return order(frame[0], span, sign, one, other)

    return ordered


def equality(runtime: Runtime, span: Span, left: Any, right: Any, wanted: bool) -> Any:
    """Whether two values are equal, or unequal; a failure if they are of different kinds."""
    found = equal(runtime, left, right)
    if found is None:
        message = f"cannot compare {describe(left)} with {describe(right)}"
        return runtime.fail(span, "wrong-type", message)
    return found is wanted


def order(runtime: Runtime, span: Span, sign: str, left: Any, right: Any) -> Any:
    """Whether two values are in an order; a failure if they have none."""
    if type(left) is Failure:
        return left.join(right) if type(right) is Failure else left
    if type(right) is Failure:
        return right
    if type(left) is str:
        runtime.spend(len(left) >> 8)
    found = compare(left, right)
    if found is None:
        message = f"cannot order {describe(left)} and {describe(right)}"
        return runtime.fail(span, "wrong-type", message)
    return _ORDERS[sign](found, 0)


def between(compiler: Compiler, node: tree.Between) -> Code:
    """``a between b and c``: ``a >= b and a <= c``."""
    value, span = compiler.compile(node.value), node.span
    low, high = compiler.compile(node.low), compiler.compile(node.high)

    def test(frame: Frame) -> Any:
        found = value(frame)
        above = order(frame[0], span, ">=", found, low(frame))
        below = order(frame[0], span, "<=", found, high(frame))
        if above is False or below is False:
            return False
        return above if above is not True else below

    return test


def interval(compiler: Compiler, node: tree.Interval) -> Code:
    """``[a..b]``."""
    start, end, span = compiler.compile(node.start), compiler.compile(node.end), node.span
    included = node.start_included, node.end_included
    return lambda frame: make_range(frame[0], span, (start(frame), end(frame)), included)


def make_range(
    runtime: Runtime, span: Span, ends: tuple[Any, Any], included: tuple[bool, bool]
) -> Any:
    """A range; a failure if its ends have no order or the wrong one, or an included one is null."""
    start, end = ends
    for one, other, within in ((start, end, included[0]), (end, start, included[1])):
        if is_null(one) and (within or is_null(other)):
            if type(one) is Failure:
                return one
            return runtime.fail(span, "invalid-value", "an end of a range is null", "null")
        if one is not UNBOUNDED and not is_null(one) and compare(one, one) is None:
            message = f"{describe(one)} cannot be an end of a range"
            return runtime.fail(span, "wrong-type", message, describe(one))
    if not is_null(start) and not is_null(end):
        found = compare(start, end)
        if found is None:
            message = f"cannot order {describe(start)} and {describe(end)}"
            return runtime.fail(span, "wrong-type", message)
        if found > 0:
            message = f"a range cannot start at {describe(start)} and end at {describe(end)}"
            return runtime.fail(span, "invalid-value", message)
    if is_null(start):
        start = None
    if is_null(end):
        end = None
    return Range(start, end, *included)
