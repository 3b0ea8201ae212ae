"""Three-valued ``and`` and ``or``, compiled."""

from __future__ import annotations

from typing import Any

from ichor_feel.evaluation.compiler import Compiler
from ichor_feel.syntax import tree
from ichor_feel.values.failure import Failure
from ichor_feel.values.functions import Code, Frame
from ichor_feel.values.kinds import describe


def logic(compiler: Compiler, node: tree.Logic) -> Code:
    """The first operand that decides; else null if one is no boolean."""
    operands = [compiler.compile(one) for one in node.operands]
    spans = [one.span for one in node.operands]
    decides = node.operator == "or"
    word = node.operator

    def run(frame: Frame) -> Any:
        undecided = False
        unknown: Any = None
        for place, operand in enumerate(operands):
            value = operand(frame)
            if value is decides:
                return value
            if value is not True and value is not False:
                if value is not None and type(value) is not Failure:
                    message = f"{word} takes booleans, not {describe(value)}"
                    value = frame[0].fail(spans[place], "wrong-type", message, describe(value))
                unknown = unknown if type(unknown) is Failure else value
                undecided = True
        return unknown if undecided else not decides

    return run
