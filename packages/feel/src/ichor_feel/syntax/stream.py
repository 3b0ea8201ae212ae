"""A position in the tokens, and errors that say what was expected there."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Final

from ichor_feel.errors import ParseError
from ichor_feel.source import Span
from ichor_feel.syntax.tokens import Kind, Token, tokenize

MAX_SOURCE: Final = 65_536
"""Longest text of an expression, in characters."""
MAX_NESTING: Final = 100
"""Deepest nesting of brackets and operators; each of a run of the same operators counts once."""


class TokenStream:
    """Tokens of a text, read from left to right."""

    def __init__(self, text: str) -> None:
        if len(text) > MAX_SOURCE:
            message = f"the text has {len(text)} characters; at most {MAX_SOURCE} are allowed"
            raise ParseError(message, text[:MAX_SOURCE], Span(0, 0))
        self.text = text
        self.tokens = tokenize(text)
        self.position = 0
        self.nesting = 0

    @property
    def current(self) -> Token:
        """The next token."""
        return self.tokens[self.position]

    def peek(self, ahead: int = 1) -> Token:
        """A later token; the END token stands for all beyond it."""
        return self.tokens[min(self.position + ahead, len(self.tokens) - 1)]

    def take(self) -> Token:
        """The next token, which is then behind."""
        token = self.tokens[self.position]
        if token.kind is not Kind.END:
            self.position += 1
        return token

    def at(self, *texts: str) -> bool:
        """Whether the next token is one of these signs or keywords."""
        token = self.tokens[self.position]
        return token.text in texts and (token.kind is Kind.SIGN or token.kind is Kind.NAME)

    def accept(self, *texts: str) -> Token | None:
        """Take the next token if it is one of these."""
        return self.take() if self.at(*texts) else None

    def expect(self, *texts: str, after: str = "") -> Token:
        """Take the next token, which must be one of these."""
        if self.at(*texts):
            return self.take()
        raise self.unexpected(*texts, after=after)

    def span_from(self, start: int) -> Span:
        """From an offset to the end of the last token taken."""
        return Span(start, self.tokens[self.position - 1].end if self.position else start)

    def enter(self) -> None:
        """One level deeper; ParseError beyond the limit."""
        self.nesting += 1
        if self.nesting > MAX_NESTING:
            raise self.too_deep()

    def too_deep(self, span: Span | None = None) -> ParseError:
        """An error about nesting."""
        message = f"nested deeper than {MAX_NESTING} levels"
        return ParseError(message, self.text, span or self.current.span)

    def leave(self) -> None:
        """Back from `enter`."""
        self.nesting -= 1

    def unexpected(self, *expected: str, after: str = "") -> ParseError:
        """An error about the next token."""
        token = self.current
        choice = " or ".join(expected)
        place = f" after {after}" if after else ""
        near = None
        if token.kind is Kind.NAME:
            near = next(iter(get_close_matches(token.text, list(expected), 1, 0.7)), None)
        return ParseError(
            f"expected {choice}{place}, found {token}" if choice else f"unexpected {token}",
            self.text,
            token.span,
            expected=expected,
            suggestion=near,
        )
