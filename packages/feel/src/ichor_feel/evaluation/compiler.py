"""The state of compiling one expression: scope, measures, and how each node is compiled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from ichor_feel.evaluation.measure import Measures
from ichor_feel.evaluation.scope import Scope
from ichor_feel.syntax import tree
from ichor_feel.values.functions import Code


class Compiler:
    """Compiles one expression.

    Args:
        compilers: the function that compiles a node, by the node's type.
    """

    def __init__(self, compilers: Compilers) -> None:
        self._compilers = compilers
        self.scope = Scope()
        self.measures = Measures()

    def compile(self, node: tree.Node) -> Code:
        """The node as a function of the frame."""
        return self._compilers[type(node)](self, node)

    def constant(self, node: tree.Node) -> Decimal | None:
        """The number that a literal, or minus one, is."""
        match node:
            case tree.Literal(value=Decimal() as value):
                return value
            case tree.Negation(value=tree.Literal(value=Decimal() as value)):
                return value.copy_negate() if value else value
            case _:
                return None


Compilers = Mapping[type[tree.Node], Callable[[Compiler, Any], Code]]
"""The function that compiles a node, by the node's type."""
