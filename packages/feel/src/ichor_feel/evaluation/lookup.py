"""Names that are found in the input or among the built-in functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from ichor_feel.evaluation.access import member, unknown_name
from ichor_feel.evaluation.runtime import Runtime
from ichor_feel.functions import BUILT_INS
from ichor_feel.functions.invoke import invoke
from ichor_feel.functions.signature import Function
from ichor_feel.source import Span
from ichor_feel.values.functions import BuiltIn
from ichor_feel.values.incoming import take_in


def variable(runtime: Runtime, span: Span, name: str) -> Any:
    """The value of a name that the text itself does not declare."""
    inputs = runtime.inputs
    if name in inputs:
        return inputs[name]
    context = runtime.context
    if name in context:
        value = inputs[name] = take_in(runtime, context[name], name)
        return value
    function = BUILT_INS.get(name)
    if function is not None:
        parameters = function.signatures[0].parameters
        return BuiltIn(name, tuple(one.name for one in parameters), _invoked(function))
    return unknown_name(runtime, span, name)


def _invoked(function: Function) -> Callable[[Runtime, Span, list[Any]], Any]:
    def call(runtime: Runtime, span: Span, arguments: list[Any]) -> Any:
        return invoke(runtime, span, function, arguments)

    return call


def path(runtime: Runtime, span: Span, name: str, names: Sequence[str]) -> Any:
    """The value of a path that begins with such a name: only what it ends at is taken in."""
    if name in runtime.inputs or name not in runtime.context:
        value, rest = variable(runtime, span, name), iter(names)
    else:
        value = runtime.context[name]
        taken = 0
        while taken < len(names) and isinstance(value, Mapping):
            entries = cast("Mapping[str, Any]", value)
            if names[taken] not in entries:
                break
            value = entries[names[taken]]
            taken += 1
        rest = iter(names[taken:])
        value = take_in(runtime, value, ".".join((name, *names[:taken])))
    for one in rest:
        value = member(runtime, span, value, one)
    return value
