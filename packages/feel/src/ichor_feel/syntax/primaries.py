"""What stands alone in an expression: literals, names, brackets, and what begins with a keyword."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from ichor_feel.errors import ParseError
from ichor_feel.source import Span
from ichor_feel.syntax import tree
from ichor_feel.syntax.escapes import unescape
from ichor_feel.syntax.names import KEYWORDS
from ichor_feel.syntax.phrases import PhraseParser
from ichor_feel.syntax.tokens import Kind, Token
from ichor_feel.syntax.type_parser import read_type
from ichor_feel.values.numbers import literal
from ichor_feel.values.types import Type

COMPARISONS: Final = ("=", "!=", "<", "<=", ">", ">=")
CONSTANTS: Final = {"true": True, "false": False, "null": None}


class PrimaryParser(PhraseParser):
    """Reads operands; operators are for the subclass."""

    def expression(self) -> tree.Node:
        """An expression of any precedence."""
        raise NotImplementedError

    def test(self) -> tree.Node:
        """One test: a comparison with what is tested, or an expression."""
        raise NotImplementedError

    def primary(self) -> tree.Node:
        """An operand without what is postfixed."""
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
                return tree.Literal(CONSTANTS[token.text], span=token.span)
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
                return self.interval(self._endpoint(), False, token.start)
            case "{":
                return self._context()
            case _:
                raise self.unexpected("an expression")

    def _parentheses(self) -> tree.Node:
        start = self.take().start
        if self.current.kind is Kind.SIGN and self.current.text in COMPARISONS:
            with self.outside_interval():
                test = self.test()
            self.expect(")", after="the range")
            return test
        with self.maybe_interval():
            inner = self.expression()
        if self.at(".."):
            return self.interval(inner, False, start)
        self.expect(")", after=str(self.tokens[self.position - 1]))
        return inner

    def _list_or_interval(self) -> tree.Node:
        start = self.take().start
        items: list[tree.Node] = []
        with self.outside_interval():
            while not self.at("]"):
                items.append(self.expression())
                if len(items) == 1 and self.at(".."):
                    return self.interval(items[0], True, start)
                if not self.accept(","):
                    break
        self.expect("]", ",", after="an item")
        return tree.ListOf(tuple(items), span=self.span_from(start))

    def interval(self, low: tree.Node, included: bool, start: int) -> tree.Node:
        """An interval whose start has been read."""
        self.expect("..", after="the start of the range")
        high = self._endpoint()
        closing = self.expect("]", ")", "[", after="the end of the range")
        return tree.Interval(
            low, high, included, closing.text == "]", span=Span(start, closing.end)
        )

    def _endpoint(self) -> tree.Node:
        with self.maybe_interval():
            return self.expression()

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
