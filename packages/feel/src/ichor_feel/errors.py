"""Errors that reach the caller.

The tree::

    FeelError
    └── ParseError (ValueError)     a text that is no expression
    └── NotJsonError (ValueError)   a value that JSON cannot say

Evaluating raises none of them: it answers null with a problem.
"""

from __future__ import annotations

from ichor_feel.source import Span, place


class FeelError(Exception):
    """Anything that this package itself raises."""


class ParseError(FeelError, ValueError):
    """A text that is no expression.

    `line` and `column` count from 1, columns in characters; `expected` names the tokens that would
    have fitted, where that is a short list; `suggestion` a name that nearly fits.
    """

    def __init__(
        self,
        message: str,
        text: str,
        span: Span,
        *,
        expected: tuple[str, ...] = (),
        suggestion: str | None = None,
    ) -> None:
        self.line, self.column = place(text, span.start)
        hint = f"; did you mean {suggestion!r}?" if suggestion else ""
        super().__init__(f"line {self.line}, column {self.column}: {message}{hint}")
        self.message = message
        self.span = span
        self.expected = expected
        self.suggestion = suggestion


class NotJsonError(FeelError, ValueError):
    """A value that JSON cannot say: a function, or one nested or grown beyond the limits."""
