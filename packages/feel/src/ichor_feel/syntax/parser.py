"""Expressions, by precedence climbing.

From loose to tight: ``or``; ``and``; comparisons, ``between`` and ``in``; ``+ -``; ``* /``; ``**``;
minus; ``instance of``; paths, filters and calls.
"""

from __future__ import annotations

from typing import Final

from ichor_feel.errors import ParseError
from ichor_feel.suggestions import closest
from ichor_feel.syntax import tree
from ichor_feel.syntax.names import KEYWORDS
from ichor_feel.syntax.primaries import COMPARISONS, CONSTANTS, PrimaryParser
from ichor_feel.syntax.stream import MAX_NESTING
from ichor_feel.syntax.tokens import Kind
from ichor_feel.syntax.type_parser import read_type

_ORDERS: Final = frozenset({"<", "<=", ">", ">="})
_OR, _AND, _COMPARE, _ADD, _MULTIPLY, _POWER, _UNARY = range(1, 8)
_PRECEDENCE: Final = {
    "or": _OR,
    "and": _AND,
    **dict.fromkeys(COMPARISONS, _COMPARE),
    "between": _COMPARE,
    "in": _COMPARE,
    "+": _ADD,
    "-": _ADD,
    "*": _MULTIPLY,
    "/": _MULTIPLY,
    "**": _POWER,
}
_OPENING: Final = frozenset({"(", "[", "]", "{", "-"})


class Parser(PrimaryParser):
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
            return self.test()
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
            tests = self._tests_in_parentheses() if self.at("(") else (self.test(_ADD),)
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
        tests = [self.test()]
        while self.accept(","):
            tests.append(self.test())
        return tuple(tests)

    def test(self, least: int = _OR) -> tree.Node:
        """One test: a comparison with what is tested, or an expression."""
        start = self.current.start
        if self.current.kind is Kind.SIGN and self.current.text in COMPARISONS:
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
            alone = self.interval(alone, False, start)
        else:
            self.expect(")", ",", after="a test")
        if alone is None:
            return tests
        return (self._binary(_ADD, self._postfix(alone)),)

    # What is postfixed

    def _postfix(self, node: tree.Node | None = None) -> tree.Node:
        start = self.current.start if node is None else node.span.start
        node = self.primary() if node is None else node
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
            and following.text in KEYWORDS - CONSTANTS.keys() - {"if", "for", "some", "every"}
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
