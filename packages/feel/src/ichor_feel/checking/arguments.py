"""Arguments of a call against the signatures of a built-in function."""

from __future__ import annotations

from collections.abc import Sequence

from ichor_feel.functions.signature import Function, Parameter, Signature
from ichor_feel.source import Span
from ichor_feel.suggestions import closest
from ichor_feel.syntax import tree
from ichor_feel.values.types import (
    ANY,
    CONTEXT,
    FUNCTION,
    LIST,
    NULL,
    RANGE,
    ContextType,
    FunctionType,
    ListType,
    RangeType,
    Type,
)

_Finding = tuple[str, str, Span]


def check_arguments(function: Function, call: tree.Call, kinds: Sequence[Type]) -> list[_Finding]:
    """Code, message and place of what is wrong with the arguments, whose types are given."""
    if call.names is None:
        fitting = [one for one in function.signatures if one.fits(len(kinds))]
        if not fitting:
            message = f"{function.name} cannot take {len(kinds)} arguments; it is {function.usage}"
            return [("arguments", message, call.span)]
        paired = [(_by_position(one, len(kinds)), kinds) for one in fitting]
    else:
        placed = [(one, one.places(call.names)) for one in function.signatures]
        paired = [
            ([one.parameters[place] for place in places], kinds)
            for one, places in placed
            if places is not None
        ]
        if not paired:
            return [_wrong_names(function, call, call.names)]
    findings = [_mismatch(function, call, parameters, kinds) for parameters, kinds in paired]
    return [] if None in findings else [one for one in findings[:1] if one is not None]


def _by_position(signature: Signature, count: int) -> list[Parameter]:
    parameters = list(signature.parameters)
    while parameters and len(parameters) < count:
        parameters.append(parameters[-1])
    return parameters[:count]


def _wrong_names(function: Function, call: tree.Call, names: Sequence[str]) -> _Finding:
    known = {one.name for signature in function.signatures for one in signature.parameters}
    for place, name in enumerate(names):
        if name not in known:
            near = closest(name, sorted(known))
            hint = f"; did you mean {near!r}?" if near else ""
            message = f"{function.name} has no parameter {name!r}{hint}; it is {function.usage}"
            return "arguments", message, call.arguments[place].span
    message = f"{function.name} cannot take these arguments; it is {function.usage}"
    return "arguments", message, call.span


def _mismatch(
    function: Function, call: tree.Call, parameters: Sequence[Parameter], kinds: Sequence[Type]
) -> _Finding | None:
    for place, (parameter, kind) in enumerate(zip(parameters, kinds, strict=True)):
        if not _takes(parameter, kind):
            shown = "null" if kind == NULL else f"a {kind}"
            message = f"{parameter.name} of {function.name} must be {parameter.kind}, not {shown}"
            return "wrong-type", message, call.arguments[place].span
    return None


def _takes(parameter: Parameter, kind: Type) -> bool:
    if parameter.kind == "Any" or kind == ANY:
        return True
    if kind == NULL:
        return parameter.nullable
    accepted = parameter.kind.split(" | ")
    if "list" in accepted:
        return True
    match kind:
        case ListType():
            # A list of one item may stand for it.
            return True
        case ContextType():
            names = {str(CONTEXT)}
        case RangeType():
            names = {str(RANGE)}
        case FunctionType():
            names = {str(FUNCTION)}
        case _:
            names = {str(kind)}
    if kind == LIST:
        return True
    if "duration" in accepted:
        names |= {"duration"} if str(kind).endswith("duration") else set()
    if "date and time" in accepted and str(kind) == "date":
        return True
    return bool(names & set(accepted))
