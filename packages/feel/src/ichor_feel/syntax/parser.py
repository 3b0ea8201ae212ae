"""Expressions, by precedence climbing.

From loose to tight: ``or``; ``and``; comparisons, ``between`` and ``in``; ``+ -``; ``* /``; ``**``;
minus; ``instance of``; paths, filters and calls.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from ichor_feel.errors import ParseError
from ichor_feel.source import Span
from ichor_feel.suggestions import closest
from ichor_feel.syntax import tree
from ichor_feel.syntax.escapes import unescape
from ichor_feel.syntax.names import KEYWORDS
from ichor_feel.syntax.phrases import PhraseParser
from ichor_feel.syntax.stream import MAX_NESTING
from ichor_feel.syntax.tokens import Kind, Token
from ichor_feel.syntax.type_parser import read_type
from ichor_feel.values.numbers import literal
from ichor_feel.values.types import Type

_COMPARISONS: Final = ("=", "!=", "<", "<=", ">", ">=")
_ORDERS: Final = frozenset({"<", "<=", ">", ">="})
_OR, _AND, _COMPARE, _ADD, _MULTIPLY, _POWER, _UNARY = range(1, 8)
_PRECEDENCE: Final = {
    "or": _OR,
    "and": _AND,
    **dict.fromkeys(_COMPARISONS, _COMPARE),
    "between": _COMPARE,
    "in": _COMPARE,
    "+": _ADD,
    "-": _ADD,
    "*": _MULTIPLY,
    "/": _MULTIPLY,
    "**": _POWER,
}
_CONSTANTS: Final = {"true": True, "false": False, "null": None}
_OPENING: Final = frozenset({"(", "[", "]", "{", "-"})


class Parser(PhraseParser):
    """One text, to one tree."""

    def parse_expression(self) -> tree.Node:
        """The whole text as one expression."""
        node = self.expression()
        self._finish(node)
        return node

    def parse_unary_tests(self) -> tree.UnaryTests:
        """The whole text as the tests of a cell: ``-``, ``not(tests)`` or ``test, test``."""
        start = self.current.start
        tests: tuple[tree.Node, ...]
        if self.at("-") and self.peek().kind is Kind.END:
            self.take()
            tests, negated = (), False
        elif self.at("not") and self.peek().text == "(" and self._closes_at_end():
            self.take()
            self.take()
            tests, negated = self._tests(), True
            self.expect(")", after="the tests")
        else:
            tests, negated = self._tests(), False
        node = tree.UnaryTests(tests, negated, span=self.span_from(start))
        self._finish(node)
        return node

    def expression(self) -> tree.Node:
        """An expression of any precedence, or the range of a comparison: ``< 10``."""
        if self.current.kind is Kind.SIGN and self.current.text in _ORDERS:
            return self._test(_OR)
        return self._binary(_OR)

    def _finish(self, node: tree.Node) -> None:
        if self.current.kind is not Kind.END:
            raise self._left_over()
        for one, depth in tree.walk(node):
            if depth > MAX_NESTING:
                raise self.too_deep(one.span)

    def _left_over(self) -> ParseError:
        before, token = self.tokens[self.position - 1], self.current
        if token.kind is Kind.NAME and before.kind is Kind.NAME and token.text not in KEYWORDS:
            name = f"{before.text} {token.text}"
            near = closest(name, self.known_names())
            return ParseError(
                f"unexpected {token}; a name of several words must be known, "
                f"or stand in backticks: `{name}`",
                self.text,
                token.span,
                expected=("an operator", "the end of the text"),
                suggestion=near,
            )
        return self.unexpected("an operator", "the end of the text", after=str(before))

    def _closes_at_end(self) -> bool:
        """Whether the parenthesis after the next token is closed by the last one of the text."""
        depth = 0
        for place in range(self.position + 1, len(self.tokens) - 1):
            text = self.tokens[place].text
            depth += (text == "(") - (text == ")")
            if depth == 0:
                return place == len(self.tokens) - 2
        return False

    # Operators

    def _binary(self, least: int, left: tree.Node | None = None) -> tree.Node:
        """Operators of at least a precedence, after an operand that may have been read."""
        self.enter()
        start = self.current.start if left is None else left.span.start
        left = self._unary() if left is None else left
        while True:
            token = self.current
            precedence = (
                _PRECEDENCE.get(token.text, 0) if token.kind in (Kind.SIGN, Kind.NAME) else 0
            )
            if precedence < least or not precedence:
                break
            if precedence <= _AND:
                left = self._logic(left, token.text, precedence, start)
            elif precedence == _COMPARE:
                left = self._comparison(left, start)
            else:
                left = self._chain(left, precedence, start)
        self.leave()
        return left

    def _logic(self, left: tree.Node, operator: str, precedence: int, start: int) -> tree.Node:
        operands = [left]
        while self.accept(operator):
            operands.append(self._binary(precedence + 1))
        return tree.Logic(operator, tuple(operands), span=self.span_from(start))

    def _chain(self, left: tree.Node, precedence: int, start: int) -> tree.Node:
        rest: list[tuple[str, tree.Node]] = []
        while self.current.kind is Kind.SIGN and _PRECEDENCE.get(self.current.text) == precedence:
            operator = self.take().text
            rest.append((operator, self._binary(precedence + 1)))
        return tree.Chain(left, tuple(rest), span=self.span_from(start))

    def _comparison(self, left: tree.Node, start: int) -> tree.Node:
        operator = self.take().text
        if operator == "between":
            low = self._binary(_ADD)
            self.expect("and", after="the lower end of between")
            high = self._binary(_ADD)
            return tree.Between(left, low, high, span=self.span_from(start))
        if operator == "in":
            tests = self._tests_in_parentheses() if self.at("(") else (self._test(_ADD),)
            return tree.In(left, tests, span=self.span_from(start))
        right = self._binary(_ADD)
        return tree.Comparison(operator, left, right, span=self.span_from(start))

    def _unary(self) -> tree.Node:
        start = self.current.start
        if self.at("-"):
            self.take()
            self.enter()
            node: tree.Node = tree.Negation(self._unary(), span=self.span_from(start))
            self.leave()
            return node
        node = self._postfix()
        while self.at("instance"):
            self.take()
            self.expect("of", after="instance")
            found = read_type(self, (self.type_names,))
            node = tree.InstanceOf(node, found, span=self.span_from(start))
        return node

    # Tests

    def _tests(self) -> tuple[tree.Node, ...]:
        tests = [self._test(_OR)]
        while self.accept(","):
            tests.append(self._test(_OR))
        return tuple(tests)

    def _test(self, least: int) -> tree.Node:
        start = self.current.start
        if self.current.kind is Kind.SIGN and self.current.text in _COMPARISONS:
            operator = self.take().text
            return tree.UnaryTest(operator, self._binary(_ADD), span=self.span_from(start))
        return self._binary(least)

    def _tests_in_parentheses(self) -> tuple[tree.Node, ...]:
        """Tests of ``in (…)``; one alone may begin a range or a larger expression."""
        start = self.take().start
        with self.maybe_interval():
            tests = self._tests()
        alone = tests[0] if len(tests) == 1 and not isinstance(tests[0], tree.UnaryTest) else None
        if alone is not None and self.at(".."):
            alone = self._interval(alone, False, start)
        else:
            self.expect(")", ",", after="a test")
        if alone is None:
            return tests
        return (self._binary(_ADD, self._postfix(alone)),)

    # What is postfixed, and what stands alone

    def _postfix(self, node: tree.Node | None = None) -> tree.Node:
        start = self.current.start if node is None else node.span.start
        node = self._primary() if node is None else node
        for _ in range(MAX_NESTING):
            if self.at("."):
                node = self._path(node, start)
            elif self.at("[") and not self._ends_interval():
                self.take()
                with self.inside_filter():
                    condition = self.expression()
                self.expect("]", after="the filter")
                node = tree.Filter(node, condition, span=self.span_from(start))
            elif self.at("("):
                node = self._call(node, start)
            else:
                return node
        raise self.too_deep()

    def _path(self, target: tree.Node, start: int) -> tree.Node:
        names: list[str] = []
        while self.accept("."):
            names.append(self.member_name())
        if isinstance(target, tree.Path):
            # (a.b).c is the same as a.b.c, and as deep.
            target, names = target.target, [*target.names, *names]
        return tree.Path(target, tuple(names), span=self.span_from(start))

    def _ends_interval(self) -> bool:
        """Whether ``[`` closes an interval such as ``[1..5[``: then no expression follows it."""
        if not self.in_interval:
            return False
        following = self.peek()
        if following.kind is Kind.SIGN:
            return following.text not in _OPENING
        return following.kind is Kind.END or (
            following.kind is Kind.NAME
            and following.text in KEYWORDS - _CONSTANTS.keys() - {"if", "for", "some", "every"}
            and following.text != "function"
        )

    def _call(self, callee: tree.Node, start: int) -> tree.Node:
        self.take()
        arguments: list[tree.Node] = []
        names: list[str] = []
        with self.outside_interval():
            while not self.at(")"):
                name = self.argument_name()
                if name is None and names:
                    raise self.unexpected("a named argument")
                if name is not None and len(names) < len(arguments):
                    raise self.unexpected("an argument without a name")
                if name is not None:
                    names.append(name)
                arguments.append(self.expression())
                if not self.accept(","):
                    break
        self.expect(")", ",", after="an argument")
        return tree.Call(
            callee,
            tuple(arguments),
            tuple(names) if names else None,
            span=self.span_from(start),
        )

    def _primary(self) -> tree.Node:
        token = self.current
        match token.kind:
            case Kind.NUMBER:
                return self._number()
            case Kind.STRING:
                self.take()
                return tree.Literal(unescape(token.text[1:-1]), span=token.span)
            case Kind.AT:
                self.take()
                return tree.AtLiteral(
                    unescape(token.text[token.text.index('"') + 1 : -1]), span=token.span
                )
            case Kind.QUOTED:
                self.take()
                return tree.Name(token.text[1:-1], span=token.span)
            case Kind.NAME:
                return self._word(token)
            case _:
                return self._bracket(token)

    def _number(self) -> tree.Node:
        token = self.take()
        value: Decimal | None = literal(token.text)
        if value is None:
            raise ParseError("the number is out of range", self.text, token.span)
        return tree.Literal(value, span=token.span)

    def _word(self, token: Token) -> tree.Node:
        known = self.known_name()
        if known is not None:
            return known
        match token.text:
            case "true" | "false" | "null":
                self.take()
                return tree.Literal(_CONSTANTS[token.text], span=token.span)
            case "if":
                return self._if(token.start)
            case "for":
                return self._for(token.start)
            case "some" | "every":
                return self._quantified(token.start)
            case "function" if self.peek().text == "(":
                return self._function(token.start)
            case text if text in KEYWORDS:
                raise self.unexpected("an expression")
            case _:
                self.take()
                return tree.Name(token.text, span=token.span)

    def _bracket(self, token: Token) -> tree.Node:
        match token.text if token.kind is Kind.SIGN else "":
            case "(":
                return self._parentheses()
            case "[":
                return self._list_or_interval()
            case "]":
                self.take()
                return self._interval(self._endpoint(), False, token.start)
            case "{":
                return self._context()
            case _:
                raise self.unexpected("an expression")

    def _parentheses(self) -> tree.Node:
        start = self.take().start
        if self.current.kind is Kind.SIGN and self.current.text in _COMPARISONS:
            with self.outside_interval():
                test = self._test(_OR)
            self.expect(")", after="the range")
            return test
        with self.maybe_interval():
            inner = self.expression()
        if self.at(".."):
            return self._interval(inner, False, start)
        self.expect(")", after=str(self.tokens[self.position - 1]))
        return inner

    def _list_or_interval(self) -> tree.Node:
        start = self.take().start
        items: list[tree.Node] = []
        with self.outside_interval():
            while not self.at("]"):
                items.append(self.expression())
                if len(items) == 1 and self.at(".."):
                    return self._interval(items[0], True, start)
                if not self.accept(","):
                    break
        self.expect("]", ",", after="an item")
        return tree.ListOf(tuple(items), span=self.span_from(start))

    def _interval(self, low: tree.Node, included: bool, start: int) -> tree.Node:
        self.expect("..", after="the start of the range")
        high = self._endpoint()
        closing = self.expect("]", ")", "[", after="the end of the range")
        return tree.Interval(
            low, high, included, closing.text == "]", span=Span(start, closing.end)
        )

    def _endpoint(self) -> tree.Node:
        with self.maybe_interval():
            return self._binary(_OR)

    # What begins with a keyword

    def _if(self, start: int) -> tree.Node:
        branches: list[tuple[tree.Node, tree.Node]] = []
        with self.outside_interval():
            while self.accept("if"):
                condition = self.expression()
                self.expect("then", after="the condition")
                value = self.expression()
                branches.append((condition, value))
                self.expect("else", after="the value of then")
            otherwise = self.expression()
        return tree.If(tuple(branches), otherwise, span=self.span_from(start))

    def _for(self, start: int) -> tree.Node:
        self.take()
        domains = self._domains()
        self.expect("return", ",", after="what is looped over")
        return tree.For(domains, self.expression(), span=self.span_from(start))

    def _quantified(self, start: int) -> tree.Node:
        quantifier = self.take().text
        domains = self._domains()
        self.expect("satisfies", ",", after="what is looped over")
        return tree.Quantified(quantifier, domains, self.expression(), span=self.span_from(start))

    def _domains(self) -> tuple[tree.Domain, ...]:
        domains: list[tree.Domain] = []
        while True:
            start = self.current.start
            name = self.declared_name("in")
            self.expect("in", after="the name of the loop")
            items = self.expression()
            end = self.expression() if self.accept("..") else None
            domains.append(tree.Domain(name, items, end, span=self.span_from(start)))
            if not self.accept(","):
                return tuple(domains)

    def _function(self, start: int) -> tree.Node:
        self.take()
        self.take()
        parameters: list[tuple[str, Type | None]] = []
        while not self.at(")"):
            name = self.declared_name(")", ",", ":")
            known = (self.type_names,)
            parameters.append((name, read_type(self, known) if self.accept(":") else None))
            if not self.accept(","):
                break
        self.expect(")", ",", after="a parameter")
        body: tree.Node | None
        if self.at("external"):
            self.take()
            self.expression()
            body = None
        else:
            body = self.expression()
        return tree.FunctionOf(tuple(parameters), body, span=self.span_from(start))

    def _context(self) -> tree.Node:
        start = self.take().start
        entries: list[tuple[str, tree.Node]] = []
        spans: list[Span] = []
        with self.outside_interval():
            while not self.at("}"):
                key, span = self.entry_key()
                self.expect(":", after="the key of an entry")
                entries.append((key, self.expression()))
                spans.append(span)
                if not self.accept(","):
                    break
        self.expect("}", ",", after="an entry")
        return tree.ContextOf(tuple(entries), tuple(spans), span=self.span_from(start))
