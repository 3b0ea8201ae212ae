"""The state of one call, as implementations of functions see it."""

from __future__ import annotations

from typing import Any

from ichor_feel.evaluation.runtime import Runtime
from ichor_feel.source import Span
from ichor_feel.values.coercion import coerced
from ichor_feel.values.failure import Failure
from ichor_feel.values.functions import FunctionValue, Lambda
from ichor_feel.values.kinds import describe


class Call:
    """A call of a built-in function at a place in the text."""

    __slots__ = ("name", "runtime", "span")

    def __init__(self, runtime: Runtime, span: Span, name: str) -> None:
        self.runtime = runtime
        self.span = span
        self.name = name

    def fail(self, message: str, code: str = "invalid-value", found: str | None = None) -> Failure:
        """A null with a reason, which begins with the name of the function."""
        return self.runtime.fail(self.span, code, f"{self.name}: {message}", found)

    def mismatch(self, wanted: str, value: Any) -> Any:
        """A failure about a value of the wrong kind; one that is null for a reason keeps that."""
        if type(value) is Failure:
            return value
        found = describe(value)
        return self.fail(f"expected {wanted}, found {found}", "wrong-type", found)

    def apply(self, function: FunctionValue, *arguments: Any) -> Any:
        """The value of a function that was given as an argument."""
        return apply(self.runtime, self.span, function, list(arguments))


def apply(runtime: Runtime, span: Span, function: FunctionValue, arguments: list[Any]) -> Any:
    """The value of a function for arguments by position."""
    if isinstance(function, Lambda):
        return call_lambda(runtime, span, function, arguments)
    return function.invoke(runtime, span, arguments)


def call_lambda(runtime: Runtime, span: Span, function: Lambda, arguments: list[Any]) -> Any:
    """The value of a function literal."""
    if len(arguments) != len(function.slots):
        wanted = len(function.slots)
        message = f"{function!r} takes {wanted} arguments, not {len(arguments)}"
        return runtime.fail(span, "arguments", message)
    frame = function.frame.copy()
    # One that was handed on from another evaluation counts in this one.
    frame[0] = runtime
    for place, slot in enumerate(function.slots):
        kind = function.types[place]
        value = arguments[place]
        if kind is not None:
            value = _as_type(runtime, span, function, place, value)
            if type(value) is Failure:
                return value
        frame[slot] = value
    runtime.spend(function.size + len(frame))
    runtime.enter(function.depth)
    result = function.body(frame)
    runtime.leave(function.depth)
    return result


def _as_type(runtime: Runtime, span: Span, function: Lambda, place: int, value: Any) -> Any:
    kind = function.types[place]
    assert kind is not None
    taken = coerced(runtime, value, kind)
    if type(taken) is Failure and type(value) is not Failure:
        message = f"argument {function.parameters[place]} must be {kind}, not {describe(value)}"
        taken.message, taken.span = message, span
    return taken
