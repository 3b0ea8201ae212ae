"""Nulls that have a reason."""

from __future__ import annotations

from ichor_feel.source import Span


class Failure:
    """A null that an error left. It is null in every respect; the reason travels with it.

    `handled` says that the expression itself dealt with it: by ``get or else``, ``is defined``, the
    condition of an ``if``, or a comparison with null.
    """

    __slots__ = ("code", "found", "handled", "message", "span")

    def __init__(self, code: str, message: str, span: Span, found: str | None) -> None:
        self.code = code
        self.message = message
        self.span = span
        self.found = found
        self.handled = False

    def __repr__(self) -> str:
        return f"null ({self.message})"
