"""Checks of a tree: names, functions, arguments and types, as far as they are known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from ichor_feel.checking.arguments import check_arguments
from ichor_feel.checking.issues import Issue
from ichor_feel.checking.names import Item, NameChecker, Names
from ichor_feel.checking.typed_operators import arithmetic_type
from ichor_feel.functions import BUILT_INS
from ichor_feel.source import Span
from ichor_feel.suggestions import closest
from ichor_feel.syntax import tree
from ichor_feel.values.kinds import KIND_NAMES
from ichor_feel.values.temporal_text import temporal_from
from ichor_feel.values.types import (
    ANY,
    BOOLEAN,
    BUILT_IN_TYPES,
    DAYS_DURATION,
    LIST,
    MONTHS_DURATION,
    NULL,
    NUMBER,
    RANGE,
    STRING,
    ContextType,
    FunctionType,
    ListType,
    RangeType,
    Simple,
    Type,
)

_HANDLERS: Final = frozenset({"is defined", "get or else"})


def check_tree(
    node: tree.Node, names: Names | None, types: Mapping[str, Type]
) -> tuple[Issue, ...]:
    """Issues in the order of the text; `names` None: which names there are is not known."""
    checker = _Checker(names, types)
    checker.infer(node)
    return tuple(sorted(checker.issues, key=lambda issue: issue.span))


def type_of(node: tree.Node, names: Names, types: Mapping[str, Type]) -> Type:
    """The type of a tree's value, Any if unknown."""
    return _Checker(names, types).infer(node)


class _Checker(NameChecker):
    def infer(self, node: tree.Node) -> Type:  # noqa: PLR0912 - one branch for each kind of node
        """The type of a node; issues of it and of what is within are noted."""
        match node:
            case tree.Literal():
                return _literal_type(node.value)
            case tree.AtLiteral():
                return self._at_literal(node)
            case tree.Name():
                return self.name(node.name, node.span)
            case tree.Chain():
                return self._chain(node)
            case tree.Logic():
                for operand in node.operands:
                    self._boolean(operand)
                return BOOLEAN
            case tree.Comparison():
                self._comparison(node)
                return BOOLEAN
            case tree.Between() | tree.In():
                self._all(tree.children(node))
                return BOOLEAN
            case tree.Negation():
                kind = self.infer(node.value)
                if kind not in (ANY, NUMBER, DAYS_DURATION, MONTHS_DURATION):
                    self.issue("wrong-type", f"cannot negate {_a(kind)}", node.span)
                return kind
            case tree.InstanceOf():
                self.infer(node.value)
                self.known_type(node.type, node.span)
                return BOOLEAN
            case tree.Path():
                kind = self.infer(node.target)
                for name in node.names:
                    kind = self.entry(kind, name, node.span)
                return kind
            case tree.Filter():
                return self._filter(node)
            case tree.Call():
                return self._call(node)
            case tree.Interval():
                start, end = self.infer(node.start), self.infer(node.end)
                self._same_kind(start, end, node.span)
                return RangeType(start) if ANY not in (start, end) else RANGE
            case tree.UnaryTest():
                self.infer(node.value)
                return RANGE
            case tree.ListOf():
                kinds = {self.infer(item) for item in node.items}
                return ListType(kinds.pop()) if len(kinds) == 1 else LIST
            case tree.ContextOf():
                return self._context(node)
            case _:
                return self._infer_more(node)

    def _infer_more(self, node: tree.Node) -> Type:
        match node:
            case tree.FunctionOf():
                parameters = {name: kind or ANY for name, kind in node.parameters}
                for kind in parameters.values():
                    self.known_type(kind, node.span)
                self.layers.append(parameters)
                result = self.infer(node.body) if node.body is not None else ANY
                self.layers.pop()
                return FunctionType(tuple(parameters.values()), result)
            case tree.For() | tree.Quantified():
                return self._loop(node)
            case tree.If():
                kinds: list[Type] = []
                for condition, value in node.branches:
                    self._boolean(condition)
                    kinds.append(self.infer(value))
                kinds.append(self.infer(node.otherwise))
                known = {kind for kind in kinds if kind != NULL}
                return known.pop() if len(known) == 1 else ANY
            case tree.UnaryTests():
                self.layers.append({"?": ANY})
                self._all(node.tests)
                self.layers.pop()
                return BOOLEAN
            case _:
                self._all(tree.children(node))
                return ANY

    def _all(self, nodes: Iterable[tree.Node]) -> None:
        for node in nodes:
            self.infer(node)

    def _at_literal(self, node: tree.AtLiteral) -> Type:
        value = temporal_from(node.text)
        if value is None:
            message = f'@"{node.text[:60]}" is no date, time, date and time, or duration'
            self.issue("invalid-value", message, node.span)
            return ANY
        return BUILT_IN_TYPES[KIND_NAMES[type(value)]]

    def _chain(self, node: tree.Chain) -> Type:
        kind = self.infer(node.first)
        for operator, operand in node.rest:
            other = self.infer(operand)
            result = arithmetic_type(operator, kind, other)
            if result is None:
                message = f"{operator} does not take {_a(kind)} and {_a(other)}"
                self.issue("wrong-type", message, Span(node.span.start, operand.span.end))
            kind = result or ANY
        return kind

    def _comparison(self, node: tree.Comparison) -> None:
        left, right = self.infer(node.left), self.infer(node.right)
        if node.operator in {"=", "!="} and NULL in (left, right):
            return
        self._same_kind(left, right, node.span)

    def _same_kind(self, left: Type, right: Type, span: Span) -> None:
        if _kind(left) != _kind(right) and ANY not in (left, right):
            self.issue("wrong-type", f"{_a(left)} does not compare with {_a(right)}", span)

    def _boolean(self, node: tree.Node) -> None:
        kind = self.infer(node)
        if kind not in (ANY, BOOLEAN, NULL):
            self.issue("wrong-type", f"expected a boolean, found {_a(kind)}", node.span)

    def _filter(self, node: tree.Filter) -> Type:
        kind = self.infer(node.target)
        item = kind.item if isinstance(kind, ListType) else ANY if kind in (ANY, LIST) else kind
        self.layers.append(Item(item))
        condition = self.infer(node.condition)
        self.layers.pop()
        if condition not in (ANY, NUMBER, BOOLEAN):
            message = f"a filter takes a boolean or a number, not {_a(condition)}"
            self.issue("wrong-type", message, node.condition.span)
        if condition == NUMBER:
            return self.resolved(item)
        return ListType(item) if condition == BOOLEAN else ANY

    def _context(self, node: tree.ContextOf) -> Type:
        entries: dict[str, Type] = {}
        self.layers.append(entries)
        for place, (key, value) in enumerate(node.entries):
            kind = self.infer(value)
            if key in entries:
                span = node.key_spans[place] if node.key_spans else node.span
                self.issue("duplicate-key", f"the key {key!r} is there twice", span)
            entries[key] = kind
        self.layers.pop()
        return ContextType(tuple(entries.items()))

    def _loop(self, node: tree.For | tree.Quantified) -> Type:
        names: dict[str, Type] = {"partial": LIST} if isinstance(node, tree.For) else {}
        self.layers.append(names)
        for domain in node.domains:
            kind = self.infer(domain.items)
            if domain.end is not None:
                self._same_kind(kind, self.infer(domain.end), domain.span)
            elif isinstance(kind, ListType):
                kind = kind.item
            elif isinstance(kind, RangeType):
                kind = kind.end
            elif kind in (LIST, RANGE):
                kind = ANY
            names[domain.name] = kind
        if isinstance(node, tree.For):
            result: Type = ListType(self.infer(node.body))
        else:
            self._boolean(node.condition)
            result = BOOLEAN
        self.layers.pop()
        return result

    def _call(self, node: tree.Call) -> Type:
        before = len(self.issues)
        arguments = [self.infer(one) for one in node.arguments]
        if isinstance(node.callee, tree.Name) and node.callee.name in _HANDLERS:
            # They are for what may not be there.
            absent = {"unknown-name", "no-entry"}
            self.issues[before:] = [one for one in self.issues[before:] if one.code not in absent]
        if not isinstance(node.callee, tree.Name):
            kind = self.infer(node.callee)
            return kind.result if isinstance(kind, FunctionType) else ANY
        name = node.callee.name
        local = any(name in layer for layer in self.layers if isinstance(layer, dict))
        within = any(isinstance(layer, Item) for layer in self.layers)
        if local or (self.names is not None and name in self.names):
            kind = self.name(name, node.callee.span)
            return kind.result if isinstance(kind, FunctionType) else ANY
        function = BUILT_INS.get(name)
        if function is None:
            if not within:
                near = closest(name, BUILT_INS)
                hint = f"; did you mean {near!r}?" if near else ""
                message = f"no function is named {name!r}{hint}"
                self.issue("unknown-function", message, node.callee.span)
            return ANY
        for code, message, span in check_arguments(function, node, arguments):
            self.issue(code, message, span)
        return BUILT_IN_TYPES.get(function.result_type, ANY)


def _literal_type(value: object) -> Type:
    if value is None:
        return NULL
    if isinstance(value, bool):
        return BOOLEAN
    return STRING if isinstance(value, str) else NUMBER


def _kind(kind: Type) -> str:
    """The kind of values of a type, for comparing."""
    match kind:
        case ListType():
            return "list"
        case ContextType():
            return "context"
        case RangeType():
            return "range"
        case FunctionType():
            return "function"
        case Simple():
            return kind.name


def _a(kind: Type) -> str:
    return "null" if kind == NULL else f"a {kind}"
