"""Sizes of trees, by which the work of loops and calls is counted."""

from __future__ import annotations

from typing import Final

from ichor_feel.syntax import tree

_CALL_WEIGHT: Final = 8
_OVERHEAD: Final = 4


class Measures:
    """Size and depth of the nodes of one tree."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[int, int]] = {}

    def size(self, node: tree.Node) -> int:
        """Steps of evaluating a node once, without loops and what is called."""
        return self._measure(node)[0]

    def depth(self, node: tree.Node) -> int:
        """Levels that a call of a function with this body adds."""
        return self._measure(node)[1] + _OVERHEAD

    def _measure(self, node: tree.Node) -> tuple[int, int]:
        known = self._known.get(id(node))
        if known is None:
            size, depth = (_CALL_WEIGHT if isinstance(node, tree.Call) else 1), 0
            for child in tree.children(node):
                child_size, child_depth = self._measure(child)
                size, depth = size + child_size, max(depth, child_depth)
            known = self._known[id(node)] = size, depth + 1
        return known
