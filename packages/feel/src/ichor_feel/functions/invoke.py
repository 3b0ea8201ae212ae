"""Calls of built-in functions: the signature that fits, its arguments, or why none does."""

# Values are of any kind; told apart by type, their items are still of any kind.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ichor_feel.evaluation.runtime import Runtime
from ichor_feel.functions.call import Call
from ichor_feel.functions.signature import Function, Mismatch, Signature, bind, coerce
from ichor_feel.source import Span
from ichor_feel.values.failure import Failure
from ichor_feel.values.kinds import describe


def invoke(runtime: Runtime, span: Span, function: Function, arguments: Sequence[Any]) -> Any:
    """The value of a function for arguments by position."""
    wrong: Mismatch | None = None
    runtime.spend(5)
    for signature in function.signatures:
        if not signature.fits(len(arguments)):
            continue
        bound = bind(signature, arguments)
        if type(bound) is not Mismatch:
            assert isinstance(bound, list)
            return signature.implementation(Call(runtime, span, function.name), *bound)
        wrong = wrong or bound
    return _explain(runtime, span, function, wrong)


def invoke_named(
    runtime: Runtime,
    span: Span,
    function: Function,
    names: Sequence[str],
    arguments: Sequence[Any],
) -> Any:
    """The same for arguments by name."""
    wrong: Mismatch | None = None
    runtime.spend(5)
    for signature in function.signatures:
        places = signature.places(names)
        if places is None:
            continue
        bound = _bind_named(signature, places, arguments)
        if not isinstance(bound, Mismatch):
            return signature.implementation(Call(runtime, span, function.name), **bound)
        wrong = wrong or bound
    if wrong is None:
        message = f"takes no arguments named {', '.join(names)}; it is {function.usage}"
        return Call(runtime, span, function.name).fail(message, "arguments")
    return _explain(runtime, span, function, wrong)


def _bind_named(
    signature: Signature, places: Sequence[int], arguments: Sequence[Any]
) -> dict[str, Any] | Mismatch:
    code = signature.implementation.__code__
    keywords = code.co_varnames[1 : code.co_argcount]
    bound: dict[str, Any] = {}
    for place, parameter in enumerate(signature.parameters):
        if place in places or parameter.optional:
            continue
        if parameter.variadic:
            bound[keywords[place]] = []
        else:
            taken = coerce(parameter, None)
            if type(taken) is Mismatch:
                return taken
            bound[keywords[place]] = taken
    for place, value in zip(places, arguments, strict=True):
        parameter = signature.parameters[place]
        if parameter.variadic:
            # By name the items are given as one list.
            if type(value) is not list:
                return Mismatch(parameter, value)
            items: list[Any] = []
            for one in value:
                taken = coerce(parameter, one)
                if type(taken) is Mismatch:
                    return taken
                items.append(taken)
            bound[keywords[place]] = items
            continue
        taken = coerce(parameter, value)
        if type(taken) is Mismatch:
            return taken
        bound[keywords[place]] = taken
    return bound


def _explain(runtime: Runtime, span: Span, function: Function, wrong: Mismatch | None) -> Any:
    call = Call(runtime, span, function.name)
    if wrong is None:
        return call.fail(f"wrong number of arguments; it is {function.usage}", "arguments")
    if type(wrong.value) is Failure:
        return wrong.value
    found = describe(wrong.value)
    message = f"{wrong.parameter.name} must be {wrong.parameter.kind}, not {found}"
    return call.fail(message, "wrong-type", found)
