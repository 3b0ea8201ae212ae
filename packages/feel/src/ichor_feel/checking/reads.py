"""Which parts of the context an expression reads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ichor_feel.functions import BUILT_INS
from ichor_feel.source import Span
from ichor_feel.syntax import tree


@dataclass(frozen=True, slots=True)
class Read:
    """A path of the context that is read at a place.

    `certain` is false where the name may be something else: an entry of the items of a filter, or a
    built-in function.
    """

    path: tuple[str, ...]
    span: Span
    certain: bool


def reads_of(node: tree.Node) -> tuple[Read, ...]:
    """Every read, in the order of the text."""
    reader = _Reader()
    reader.visit(node)
    return tuple(sorted(reader.reads, key=lambda read: read.span))


class _Reader:
    def __init__(self) -> None:
        self.reads: list[Read] = []
        self._bound: list[set[str]] = []
        self._filters = 0

    def visit(self, node: tree.Node) -> None:
        match node:
            case tree.Name():
                self._read((node.name,), node.span)
            case tree.Path(target=tree.Name(name=name)):
                self._read((name, *node.names), node.span)
            case tree.Call(callee=tree.Name(name=name)):
                if name not in BUILT_INS:
                    self._read((name,), node.callee.span, function=True)
                self._all(node.arguments)
            case tree.Filter():
                self.visit(node.target)
                self._filters += 1
                self._bound.append({"item"})
                self.visit(node.condition)
                self._bound.pop()
                self._filters -= 1
            case tree.ContextOf():
                self._bound.append(set())
                for key, value in node.entries:
                    self.visit(value)
                    self._bound[-1].add(key)
                self._bound.pop()
            case tree.FunctionOf():
                self._bound.append({name for name, _ in node.parameters})
                self._all(tree.children(node))
                self._bound.pop()
            case tree.For() | tree.Quantified():
                self._loop(node)
            case tree.UnaryTests():
                self._bound.append({"?"})
                self._all(node.tests)
                self._bound.pop()
            case _:
                self._all(tree.children(node))

    def _all(self, nodes: Iterable[tree.Node]) -> None:
        for node in nodes:
            self.visit(node)

    def _loop(self, node: tree.For | tree.Quantified) -> None:
        self._bound.append({"partial"} if isinstance(node, tree.For) else set())
        for domain in node.domains:
            self._all(tree.children(domain))
            self._bound[-1].add(domain.name)
        self.visit(node.body if isinstance(node, tree.For) else node.condition)
        self._bound.pop()

    def _read(self, path: tuple[str, ...], span: Span, *, function: bool = False) -> None:
        if any(path[0] in names for names in self._bound):
            return
        certain = not self._filters and not function and path[0] not in BUILT_INS
        self.reads.append(Read(path, span, certain))
