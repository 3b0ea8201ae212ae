"""Expressions: parsed once, evaluated many times."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ichor_feel.cache import ByteBoundedCache
from ichor_feel.checking.check import check_tree, type_of
from ichor_feel.checking.issues import Issue
from ichor_feel.checking.reads import Read, reads_of
from ichor_feel.errors import ParseError
from ichor_feel.evaluation.evaluation import Evaluation, Program, run
from ichor_feel.evaluation.limits import DEFAULT_LIMITS, Limits
from ichor_feel.evaluation.nodes import new_compiler
from ichor_feel.functions import BUILT_IN_NAMES
from ichor_feel.source import Span
from ichor_feel.syntax import tree
from ichor_feel.syntax.names import names_of
from ichor_feel.syntax.parser import Parser
from ichor_feel.syntax.printer import to_text
from ichor_feel.syntax.type_parser import parse_type
from ichor_feel.values.incoming import from_datetime
from ichor_feel.values.temporal import DateTime
from ichor_feel.values.temporal_text import date_time_from
from ichor_feel.values.types import Type

Names = Iterable[str] | Mapping[str, Any]
Now = DateTime | datetime.datetime | str


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression, or the unary tests of a cell.

    `source` is the text as given, `tree` its syntax tree. Equal trees are equal expressions.
    """

    source: str
    tree: tree.Node
    types: Mapping[str, Type]
    _program: Program

    def evaluate(
        self,
        context: Mapping[str, Any] | None = None,
        *,
        now: Now | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> Evaluation:
        """The value for a context of names; never raises.

        `now` is the moment for ``now()`` and ``today()``: a `DateTime`, a datetime, or its text.
        """
        return run(self._program, context or {}, _moment(now), limits)

    def test(
        self,
        value: Any,
        context: Mapping[str, Any] | None = None,
        *,
        now: Now | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> Evaluation:
        """The same with ``?`` as a value: whether it passes unary tests."""
        return self.evaluate({**(context or {}), "?": value}, now=now, limits=limits)

    def references(self) -> tuple[tuple[str, ...], ...]:
        """Paths of the context that may be read, sorted, none within another.

        A path ends where it is no longer known what is read, as at a filter. Names within a filter
        are included even if the items may have them.
        """
        paths = sorted({read.path for read in self.reads()})
        kept: list[tuple[str, ...]] = []
        for path in paths:
            if not kept or path[: len(kept[-1])] != kept[-1]:
                kept.append(path)
        return tuple(kept)

    def reads(self) -> tuple[Read, ...]:
        """Each place where the context is read, with its span and whether it certainly is."""
        return reads_of(self.tree)

    def check(self, names: Mapping[str, Type | str] | None = None) -> tuple[Issue, ...]:
        """What is wrong without any value known, in the order of the text.

        `names` maps the names of the context to their types, or texts of types; if it is given,
        other names are unknown, and so are entries that a type ``context<…>`` does not have.
        """
        known = {
            name: parse_type(kind) if isinstance(kind, str) else kind
            for name, kind in (names or {}).items()
        }
        return check_tree(self.tree, None if names is None else known, self.types)

    def result_type(self, names: Mapping[str, Type | str] | None = None) -> Type:
        """The type of the value, as far as it is known; else Any."""
        known = {
            name: parse_type(kind) if isinstance(kind, str) else kind
            for name, kind in (names or {}).items()
        }
        return type_of(self.tree, known, self.types)

    @property
    def span(self) -> Span:
        """The whole text."""
        return Span(0, len(self.source))

    def __str__(self) -> str:
        return to_text(self.tree)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Expression) and self.tree == other.tree

    def __hash__(self) -> int:
        return hash(self.tree)


def _moment(now: Now | None) -> DateTime | None:
    if isinstance(now, datetime.datetime):
        return from_datetime(now)
    if isinstance(now, str):
        return date_time_from(now)
    return now


_cache = ByteBoundedCache(16 << 20)
_NODE_BYTES = 900


def parse(
    text: str, names: Names = (), *, types: Mapping[str, Type | str] | None = None
) -> Expression:
    """The expression that a text is; ParseError for others.

    `names` are those of several words or with signs that the text may use: an iterable, or the
    context itself, whose keys at any depth are taken. `types` gives meaning to names of types.
    Expressions are kept, so that parsing the same text again costs next to nothing.
    """
    return _parse(text, names, types, unary=False)


def parse_unary_tests(
    text: str, names: Names = (), *, types: Mapping[str, Type | str] | None = None
) -> Expression:
    """The same for the tests of a cell, as ``> 5, [1..2]``; `Expression.test` gives the value."""
    return _parse(text, names, types, unary=True)


def evaluate(
    text: str, context: Mapping[str, Any] | None = None, *, now: Now | None = None
) -> Evaluation:
    """Parse with the names of the context, and evaluate."""
    return parse(text, context or {}).evaluate(context, now=now)


def _parse(
    text: str, names: Names, types: Mapping[str, Type | str] | None, *, unary: bool
) -> Expression:
    variables, members = names_of(names) if names else (frozenset[str](), frozenset[str]())
    kinds = {
        name: parse_type(kind) if isinstance(kind, str) else kind
        for name, kind in (types or {}).items()
    }
    key = (text, unary, variables, members, tuple(kinds.items()))
    found = _cache.get(key)
    if isinstance(found, Expression):
        return found
    parser = Parser(text, BUILT_IN_NAMES, sorted(variables), sorted(members), kinds)
    compiler = new_compiler()
    try:
        root = parser.parse_unary_tests() if unary else parser.parse_expression()
        code = compiler.compile(root)
    except RecursionError:
        # Only where the caller has left almost no stack: the limit of nesting ends it long before.
        raise ParseError("too little stack is left to parse", text, Span(0, 0)) from None
    program = Program(code, compiler.scope.size, kinds)
    expression = Expression(text, root, kinds, program)
    size = sum(1 for _ in tree.walk(root)) * _NODE_BYTES + 8 * len(text)
    size += sum(100 + len(one) for one in (*variables, *members))
    _cache.put(key, expression, size)
    return expression
