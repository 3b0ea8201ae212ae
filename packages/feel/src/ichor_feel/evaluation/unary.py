"""``in``, unary tests, and ranges of one end, compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ichor_feel.evaluation.compiler import Compiler
from ichor_feel.evaluation.operators import equality, order
from ichor_feel.syntax import tree
from ichor_feel.values.failure import Failure
from ichor_feel.values.functions import Code, Frame
from ichor_feel.values.kinds import describe, is_null
from ichor_feel.values.membership import passes
from ichor_feel.values.ranges import one_sided

_Test = Callable[[Frame, Any], Any]


def in_tests(compiler: Compiler, node: tree.In) -> Code:
    """Whether a value passes one of the tests."""
    value = compiler.compile(node.value)
    tests = [_test(compiler, one) for one in node.tests]
    return lambda frame: _any(frame, value(frame), tests)


def unary_tests(compiler: Compiler, node: tree.UnaryTests) -> Code:
    """Whether the value under test, ``?``, passes; negated where the tests stand in ``not``."""
    value = compiler.compile(tree.Name("?", span=node.span))
    tests = [_test(compiler, one) for one in node.tests]
    negated = node.negated

    def run(frame: Frame) -> Any:
        if not tests:
            return True
        found = _any(frame, value(frame), tests)
        return not found if negated and isinstance(found, bool) else found

    return run


def _any(frame: Frame, value: Any, tests: list[_Test]) -> Any:
    unknown: Any = False
    for test in tests:
        found = test(frame, value)
        if found is True:
            return True
        if found is not False and type(unknown) is not Failure:
            unknown = found
    return unknown


def _test(compiler: Compiler, node: tree.Node) -> _Test:
    span = node.span
    if isinstance(node, tree.UnaryTest):
        right, sign = compiler.compile(node.value), node.operator
        if sign in {"=", "!="}:
            return lambda frame, value: equality(frame[0], span, value, right(frame), sign == "=")
        return lambda frame, value: order(frame[0], span, sign, value, right(frame))
    code = compiler.compile(node)
    if any(isinstance(one, tree.Name) and one.name == "?" for one, _ in tree.walk(node)):
        return lambda frame, value: _as_truth(frame, code(frame), span)

    def run(frame: Frame, value: Any) -> Any:
        test = code(frame)
        if type(test) is Failure:
            return test
        found = passes(frame[0], value, test)
        if found is None:
            if type(value) is Failure:
                return value
            message = f"cannot tell whether {describe(value)} is in {describe(test)}"
            return frame[0].fail(span, "wrong-type", message)
        return found

    return run


def _as_truth(frame: Frame, value: Any, span: Any) -> Any:
    if isinstance(value, bool) or is_null(value):
        return value
    message = f"a test must give a boolean, not {describe(value)}"
    return frame[0].fail(span, "wrong-type", message, describe(value))


def one_sided_range(compiler: Compiler, node: tree.UnaryTest) -> Code:
    """``(< 10)`` as a value."""
    value, sign, span = compiler.compile(node.value), node.operator, node.span

    def make(frame: Frame) -> Any:
        end = value(frame)
        if type(end) is Failure:
            return end
        if end is None and sign not in {"=", "!="}:
            return frame[0].fail(span, "invalid-value", "an end of a range is null", "null")
        return one_sided(sign, end)

    return make
