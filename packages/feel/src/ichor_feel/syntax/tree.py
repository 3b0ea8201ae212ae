"""The syntax tree. Nodes are values: equal if they mean the same, wherever they stand.

Runs of operators are one node with many operands, so that a long sum is not a deep tree.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from ichor_feel.source import NOWHERE, Span
from ichor_feel.values.types import Type


@dataclass(frozen=True, slots=True)
class Node:
    """An expression, and where it stands."""

    span: Span = field(default=NOWHERE, compare=False, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A number, text, truth value or null."""

    value: Decimal | str | bool | None

    def __hash__(self) -> int:
        return hash((type(self.value), self.value))

    def __eq__(self, other: object) -> bool:
        # In Python, True equals 1.
        return (
            isinstance(other, Literal)
            and type(self.value) is type(other.value)
            and self.value == other.value
        )


@dataclass(frozen=True, slots=True)
class AtLiteral(Node):
    """``@"2024-01-31"``: a date, time, date and time or duration, by its text."""

    text: str


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A variable, or a function by its name; ``?`` is the value under test."""

    name: str


@dataclass(frozen=True, slots=True)
class Chain(Node):
    """Operands with arithmetic operators of one precedence between them, from left to right."""

    first: Node
    rest: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class Logic(Node):
    """``and`` or ``or`` of at least two operands."""

    operator: str
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    """``=``, ``!=``, ``<``, ``<=``, ``>`` or ``>=``."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Between(Node):
    """``value between low and high``."""

    value: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class In(Node):
    """``value in test`` or ``value in (test, test)``."""

    value: Node
    tests: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Negation(Node):
    """Minus before an operand."""

    value: Node


@dataclass(frozen=True, slots=True)
class InstanceOf(Node):
    """``value instance of type``."""

    value: Node
    type: Type


@dataclass(frozen=True, slots=True)
class Path(Node):
    """``target.name.name``."""

    target: Node
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Filter(Node):
    """``target[condition]`` or ``target[index]``."""

    target: Node
    condition: Node


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A function and its arguments; `names` has the name of each where they are named."""

    callee: Node
    arguments: tuple[Node, ...]
    names: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Interval(Node):
    """``[start..end]``, each end included or not."""

    start: Node
    end: Node
    start_included: bool
    end_included: bool


@dataclass(frozen=True, slots=True)
class UnaryTest(Node):
    """``< 10``: a test beside ``in``, or a range with one end where it stands in parentheses."""

    operator: str
    value: Node


@dataclass(frozen=True, slots=True)
class ListOf(Node):
    """``[item, item]``."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class ContextOf(Node):
    """``{key: value}``; the value sees the entries before it."""

    entries: tuple[tuple[str, Node], ...]
    key_spans: tuple[Span, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class FunctionOf(Node):
    """``function(name: type) body``; body is None for an external one, which cannot be called."""

    parameters: tuple[tuple[str, Type | None], ...]
    body: Node | None


@dataclass(frozen=True, slots=True)
class Domain(Node):
    """``name in items`` or ``name in start..end`` of a loop."""

    name: str
    items: Node
    end: Node | None = None


@dataclass(frozen=True, slots=True)
class For(Node):
    """``for domains return body``."""

    domains: tuple[Domain, ...]
    body: Node


@dataclass(frozen=True, slots=True)
class Quantified(Node):
    """``some`` or ``every`` of the domains ``satisfies`` the condition."""

    quantifier: str
    domains: tuple[Domain, ...]
    condition: Node


@dataclass(frozen=True, slots=True)
class If(Node):
    """``if condition then value``, repeated for each ``else if``, and ``else``."""

    branches: tuple[tuple[Node, Node], ...]
    otherwise: Node


@dataclass(frozen=True, slots=True)
class UnaryTests(Node):
    """The tests of a cell of a decision table; no tests stand for ``-``, which holds for all."""

    tests: tuple[Node, ...]
    negated: bool = False


def children(node: Node) -> Iterator[Node]:  # noqa: PLR0912, PLR0915 - one branch for each kind of node
    """The nodes directly within one, in the order of the text."""
    match node:
        case Chain():
            yield node.first
            yield from (operand for _, operand in node.rest)
        case Logic():
            yield from node.operands
        case Comparison():
            yield node.left
            yield node.right
        case Between():
            yield node.value
            yield node.low
            yield node.high
        case In():
            yield node.value
            yield from node.tests
        case Negation() | InstanceOf() | UnaryTest():
            yield node.value
        case Path():
            yield node.target
        case Filter():
            yield node.target
            yield node.condition
        case Call():
            yield node.callee
            yield from node.arguments
        case Interval():
            yield node.start
            yield node.end
        case ListOf():
            yield from node.items
        case ContextOf():
            yield from (value for _, value in node.entries)
        case FunctionOf():
            if node.body is not None:
                yield node.body
        case Domain():
            yield node.items
            if node.end is not None:
                yield node.end
        case For():
            yield from node.domains
            yield node.body
        case Quantified():
            yield from node.domains
            yield node.condition
        case If():
            for condition, value in node.branches:
                yield condition
                yield value
            yield node.otherwise
        case UnaryTests():
            yield from node.tests
        case _:
            pass


def walk(root: Node) -> Iterator[tuple[Node, int]]:
    """Every node with its depth, the root's being 1; without recursion."""
    waiting = [(root, 1)]
    while waiting:
        node, depth = waiting.pop()
        yield node, depth
        waiting.extend((child, depth + 1) for child in children(node))
