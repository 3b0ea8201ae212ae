"""Calls, compiled."""

# Values are of any kind; told apart by type, their items are still of any kind.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from typing import Any

from ichor_feel.evaluation.compiler import Compiler
from ichor_feel.evaluation.filters import uncopied
from ichor_feel.evaluation.lookup import variable
from ichor_feel.evaluation.runtime import Runtime
from ichor_feel.functions import BUILT_INS
from ichor_feel.functions.call import apply, call_lambda
from ichor_feel.functions.invoke import invoke, invoke_named
from ichor_feel.functions.signature import Function
from ichor_feel.source import Span
from ichor_feel.syntax import tree
from ichor_feel.values.failure import Failure
from ichor_feel.values.functions import BuiltIn, Code, Frame, Lambda
from ichor_feel.values.kinds import describe


def call(compiler: Compiler, node: tree.Call) -> Code:
    """A call of a built-in function, of one in a variable, or of any value that is a function."""
    names, span = node.names, node.span
    if _only_reads(compiler, node.callee):
        # A running total needs no copy of the results so far.
        arguments = [uncopied(compiler, one) for one in node.arguments]
    else:
        arguments = [compiler.compile(one) for one in node.arguments]
    if isinstance(node.callee, tree.Name):
        found = compiler.scope.resolve(node.callee.name)
        if found.slot is None:
            code = _by_name(node, arguments)
            for slot in reversed(found.items):
                code = _in_item(slot, node, arguments, code)
            return code
    callee = compiler.compile(node.callee)

    def run(frame: Frame) -> Any:
        function = callee(frame)
        return call_value(frame[0], span, function, names, [one(frame) for one in arguments])

    return run


def _only_reads(compiler: Compiler, callee: tree.Node) -> bool:
    """Whether a built-in function gives nothing that is, or holds, its argument."""
    if not isinstance(callee, tree.Name) or compiler.scope.resolve(callee.name).slot is not None:
        return False
    function = BUILT_INS.get(callee.name)
    return function is not None and (
        function.result_type in {"number", "boolean", "string"} or function.name == "sum"
    )


def _in_item(slot: int, node: tree.Call, arguments: list[Code], otherwise: Code) -> Code:
    assert isinstance(node.callee, tree.Name)
    name, names, span = node.callee.name, node.names, node.span

    def run(frame: Frame) -> Any:
        item = frame[slot]
        if type(item) is dict and type(item.get(name)) is Lambda:
            values = [one(frame) for one in arguments]
            return call_value(frame[0], span, item[name], names, values)
        return otherwise(frame)

    return run


def _by_name(node: tree.Call, arguments: list[Code]) -> Code:
    assert isinstance(node.callee, tree.Name)
    name, names, span = node.callee.name, node.names, node.span
    built_in = BUILT_INS.get(name)

    def run(frame: Frame) -> Any:
        runtime: Runtime = frame[0]
        values = [one(frame) for one in arguments]
        given = runtime.context.get(name)
        if type(given) is Lambda or type(given) is BuiltIn:
            return call_value(runtime, span, given, names, values)
        if built_in is not None:
            return _built_in(runtime, span, built_in, names, values)
        if name in runtime.context:
            return call_value(runtime, span, variable(runtime, span, name), names, values)
        hint = runtime.near(name, BUILT_INS)
        return runtime.fail(span, "unknown-function", f"no function is named {name!r}{hint}")

    return run


def _built_in(
    runtime: Runtime,
    span: Span,
    function: Function,
    names: tuple[str, ...] | None,
    values: list[Any],
) -> Any:
    if names is None:
        return invoke(runtime, span, function, values)
    return invoke_named(runtime, span, function, names, values)


def call_value(
    runtime: Runtime,
    span: Span,
    function: Any,
    names: tuple[str, ...] | None,
    values: list[Any],
) -> Any:
    """The value of anything that may be a function."""
    if type(function) is Failure:
        return function
    if type(function) is BuiltIn:
        return _built_in(runtime, span, BUILT_INS[function.name], names, values)
    if type(function) is not Lambda:
        message = f"{describe(function)} is no function"
        return runtime.fail(span, "unknown-function", message, describe(function))
    if names is None:
        return call_lambda(runtime, span, function, values)
    if len(set(names)) < len(names) or not set(names) <= set(function.parameters):
        wanted = ", ".join(function.parameters)
        message = f"{function!r} takes {wanted}, not {', '.join(names)}"
        return runtime.fail(span, "arguments", message)
    by_name = dict(zip(names, values, strict=True))
    return apply(runtime, span, function, [by_name.get(name) for name in function.parameters])
