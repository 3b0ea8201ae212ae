"""Filters, compiled."""

# Values are of any kind; told apart by type, their items are still of any kind.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ichor_feel.evaluation.access import item_at
from ichor_feel.evaluation.compiler import Compiler
from ichor_feel.evaluation.scope import Item
from ichor_feel.source import Span
from ichor_feel.syntax import tree
from ichor_feel.values.failure import Failure
from ichor_feel.values.functions import Code, Frame
from ichor_feel.values.kinds import describe


def filter_list(compiler: Compiler, node: tree.Filter) -> Code:
    """``list[index]`` or ``list[condition]``."""
    span = node.span
    index = compiler.constant(node.condition)
    if index is not None:
        target = uncopied(compiler, node.target)
        return lambda frame: _item(frame, span, target(frame), index)
    target = compiler.compile(node.target)
    slot = compiler.scope.new_slot()
    compiler.scope.layers.append(Item(slot))
    condition = compiler.compile(node.condition)
    compiler.scope.layers.pop()
    size = compiler.measures.size(node.condition) + 1

    def run(frame: Frame) -> Any:
        runtime = frame[0]
        items = target(frame)
        if type(items) is not list:
            if items is None or type(items) is Failure:
                return _nothing(frame, span, items)
            items = [items]
        spend = runtime.spend
        kept: list[Any] = []
        frame[slot] = None
        for place, item in enumerate(items):
            spend(size)
            frame[slot] = item
            found = condition(frame)
            if found is True:
                kept.append(item)
            elif found is not False:
                if type(found) is Decimal and place == 0:
                    return item_at(runtime, span, items, found)
                _check(frame, node.condition.span, found)
        if not items:
            found = condition(frame)
            if type(found) is Decimal:
                return item_at(runtime, span, items, found)
        runtime.make_items(len(kept))
        return kept

    return run


def uncopied(compiler: Compiler, node: tree.Node) -> Code:
    """The value of a node that is only looked at: a loop's results so far need no copy."""
    if isinstance(node, tree.Name):
        found = compiler.scope.resolve(node.name)
        if found.growing and not found.items:
            slot = found.slot
            assert slot is not None
            return lambda frame: frame[slot]
    return compiler.compile(node)


def _item(frame: Frame, span: Span, items: Any, index: Decimal) -> Any:
    if type(items) is not list:
        if items is None or type(items) is Failure:
            return _nothing(frame, span, items)
        items = [items]
    return item_at(frame[0], span, items, index)


def _nothing(frame: Frame, span: Span, value: Any) -> Any:
    if value is None:
        return frame[0].fail(span, "no-item", "null has no items", "null")
    return value


def _check(frame: Frame, span: Span, found: Any) -> None:
    if found is None or type(found) is Failure:
        return  # null: the item is left out
    message = f"the condition of a filter must give a boolean, not {describe(found)}"
    frame[0].fail(span, "wrong-type", message, describe(found))
