"""Trees to closures: each node becomes a function of the frame."""

# Values are of any kind; told apart by type, their items are still of any kind.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from typing import Any, Final

from ichor_feel.evaluation import calls, filters, logic, loops, operators, unary
from ichor_feel.evaluation.access import member
from ichor_feel.evaluation.arithmetic import negate
from ichor_feel.evaluation.compiler import Compiler, Compilers
from ichor_feel.evaluation.lookup import path, variable
from ichor_feel.evaluation.scope import Names
from ichor_feel.syntax import tree
from ichor_feel.values.conformance import conforms
from ichor_feel.values.failure import Failure
from ichor_feel.values.functions import Code, Frame, Lambda
from ichor_feel.values.kinds import describe
from ichor_feel.values.temporal_text import temporal_from
from ichor_feel.values.types import is_complete


def new_compiler() -> Compiler:
    """Return a compiler of one expression."""
    return Compiler(_COMPILERS)


def _literal(_: Compiler, node: tree.Literal) -> Code:
    value = node.value
    return lambda frame: value


def _at_literal(_: Compiler, node: tree.AtLiteral) -> Code:
    value, text, span = temporal_from(node.text), node.text, node.span
    if value is not None:
        return lambda frame: value

    def fail(frame: Frame) -> Any:
        message = f'@"{text[:60]}" is no date, time, date and time, or duration'
        return frame[0].fail(span, "invalid-value", message)

    return fail


def _name(compiler: Compiler, node: tree.Name) -> Code:
    name, span = node.name, node.span
    found = compiler.scope.resolve(name)
    slot = found.slot
    outer: Code
    if slot is None:

        def of_context(frame: Frame) -> Any:
            return variable(frame[0], span, name)

        outer = of_context
    elif found.growing:

        def so_far(frame: Frame) -> Any:
            results: list[Any] = frame[slot]
            frame[0].make_items(len(results))
            return results.copy()

        outer = so_far
    else:

        def declared(frame: Frame) -> Any:
            return frame[slot]

        outer = declared
    for item in reversed(found.items):
        outer = _in_item(item, name, outer)
    return outer


def _in_item(slot: int, name: str, outer: Code) -> Code:
    def look(frame: Frame) -> Any:
        item = frame[slot]
        if type(item) is dict and name in item:
            return item[name]
        return outer(frame)

    return look


def _path(compiler: Compiler, node: tree.Path) -> Code:
    names, span = node.names, node.span
    if isinstance(node.target, tree.Name):
        name, found = node.target.name, compiler.scope.resolve(node.target.name)
        if found.slot is None and not found.items:
            return lambda frame: path(frame[0], span, name, names)
    target = compiler.compile(node.target)
    if len(names) == 1:
        only = names[0]

        def one(frame: Frame) -> Any:
            value = target(frame)
            if type(value) is dict and only in value:
                return value[only]
            return member(frame[0], span, value, only)

        return one

    def several(frame: Frame) -> Any:
        value = target(frame)
        for name in names:
            value = member(frame[0], span, value, name)
        return value

    return several


def _negation(compiler: Compiler, node: tree.Negation) -> Code:
    constant = compiler.constant(node)
    if constant is not None:
        return lambda frame: constant
    value, span = compiler.compile(node.value), node.span
    return lambda frame: negate(frame[0], span, value(frame))


def _instance_of(compiler: Compiler, node: tree.InstanceOf) -> Code:
    value, kind, span = compiler.compile(node.value), node.type, node.span
    if not is_complete(kind):
        message = f"the type {kind} does not say what it is of, as list<number> does"
        return lambda frame: frame[0].fail(span, "unknown-type", message)

    def test(frame: Frame) -> Any:
        found = conforms(frame[0], value(frame), kind)
        if found is None:
            return frame[0].fail(span, "unknown-type", f"unknown type {kind}")
        return found

    return test


def _list(compiler: Compiler, node: tree.ListOf) -> Code:
    items = [compiler.compile(one) for one in node.items]

    def make(frame: Frame) -> Any:
        frame[0].make_items(len(items))
        return [one(frame) for one in items]

    return make


def _context(compiler: Compiler, node: tree.ContextOf) -> Code:
    span = node.span
    keys = [key for key, _ in node.entries]
    if len(set(keys)) < len(keys):
        twice = next(key for place, key in enumerate(keys) if key in keys[:place])
        message = f"the key {twice[:60]!r} is there twice"
        return lambda frame: frame[0].fail(span, "duplicate-key", message)
    slots: dict[str, int] = {}
    compiler.scope.layers.append(Names(slots))
    entries: list[tuple[str, int, Code]] = []
    for key, value in node.entries:
        code = compiler.compile(value)
        slots[key] = compiler.scope.new_slot()
        entries.append((key, slots[key], code))
    compiler.scope.layers.pop()
    cost = 3 + 2 * len(entries)

    def make(frame: Frame) -> Any:
        frame[0].make_items(cost)
        context: dict[str, Any] = {}
        for key, slot, code in entries:
            context[key] = frame[slot] = code(frame)
        return context

    return make


def _function(compiler: Compiler, node: tree.FunctionOf) -> Code:
    span = node.span
    if node.body is None:
        message = "external functions cannot be called"
        return lambda frame: frame[0].fail(span, "unknown-function", message)
    slots = {name: compiler.scope.new_slot() for name, _ in node.parameters}
    names = tuple(name for name, _ in node.parameters)
    places = tuple(slots[name] for name in names)
    kinds = tuple(kind for _, kind in node.parameters)
    compiler.scope.layers.append(Names(slots))
    body = compiler.compile(node.body)
    compiler.scope.layers.pop()
    depth, size = compiler.measures.depth(node.body), compiler.measures.size(node.body)

    def make(frame: Frame) -> Any:
        frame[0].make_items(len(frame))
        return Lambda(names, kinds, places, body, frame.copy(), depth, size)

    return make


def _if(compiler: Compiler, node: tree.If) -> Code:
    branches = [
        (compiler.compile(condition), compiler.compile(value), condition.span)
        for condition, value in node.branches
    ]
    otherwise = compiler.compile(node.otherwise)

    def choose(frame: Frame) -> Any:
        for condition, value, span in branches:
            found = condition(frame)
            if found is True:
                return value(frame)
            if type(found) is Failure:
                found.handle()
            elif found is not False and found is not None:
                message = f"a condition must be a boolean, not {describe(found)}"
                frame[0].fail(span, "wrong-type", message, describe(found))
        return otherwise(frame)

    return choose


_COMPILERS: Final[Compilers] = {
    tree.Literal: _literal,
    tree.AtLiteral: _at_literal,
    tree.Name: _name,
    tree.Path: _path,
    tree.Negation: _negation,
    tree.InstanceOf: _instance_of,
    tree.ListOf: _list,
    tree.ContextOf: _context,
    tree.FunctionOf: _function,
    tree.If: _if,
    tree.Chain: operators.chain,
    tree.Comparison: operators.comparison,
    tree.Between: operators.between,
    tree.Interval: operators.interval,
    tree.Logic: logic.logic,
    tree.In: unary.in_tests,
    tree.UnaryTest: unary.one_sided_range,
    tree.UnaryTests: unary.unary_tests,
    tree.Filter: filters.filter_list,
    tree.For: loops.for_loop,
    tree.Quantified: loops.quantified,
    tree.Call: calls.call,
}
