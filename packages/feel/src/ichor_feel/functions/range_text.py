"""Ranges by their text."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from ichor_feel.errors import ParseError
from ichor_feel.evaluation.operators import make_range
from ichor_feel.functions.call import Call
from ichor_feel.functions.invoke import invoke
from ichor_feel.syntax import tree
from ichor_feel.values.kinds import is_null
from ichor_feel.values.ranges import one_sided
from ichor_feel.values.temporal_text import temporal_from

_CONSTRUCTORS: Final = frozenset({"date", "time", "date and time", "duration"})


def range_from(call: Call, text: str) -> Any:
    """The range that a text spells, or None; a failure if its ends have the wrong order."""
    from ichor_feel.functions import BUILT_IN_NAMES
    from ichor_feel.syntax.parser import Parser

    try:
        node = Parser(text, BUILT_IN_NAMES).parse_expression()
    except ParseError:
        return None
    match node:
        case tree.UnaryTest():
            end = _constant(call, node.value)
            return None if is_null(end) else one_sided(node.operator, end)
        case tree.Interval():
            ends = _constant(call, node.start), _constant(call, node.end)
            if is_null(ends[0]) or is_null(ends[1]):
                return None
            included = node.start_included, node.end_included
            return make_range(call.runtime, call.span, ends, included)
        case _:
            return None


def _constant(call: Call, node: tree.Node) -> Any:
    match node:
        case tree.Literal():
            return node.value
        case tree.AtLiteral():
            return temporal_from(node.text)
        case tree.Negation(value=tree.Literal() as literal):
            value = literal.value
            return value.copy_negate() if isinstance(value, Decimal) else None
        case tree.Call(
            callee=tree.Name(name=name),
            arguments=(tree.Literal(value=str() as value),),
            names=None,
        ) if name in _CONSTRUCTORS:
            from ichor_feel.functions import BUILT_INS

            return invoke(call.runtime, call.span, BUILT_INS[name], [value])
        case _:
            return None
