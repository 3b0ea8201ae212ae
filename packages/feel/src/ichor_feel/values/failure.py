"""Nulls that have a reason."""

from __future__ import annotations

from typing import Final

from ichor_feel.source import Span

_MAX_JOINED: Final = 10


class Failure:
    """A null that an error left. It is null in every respect; the reason travels with it.

    `handled` says that the expression itself dealt with it: by ``get or else``, ``is defined``, the
    condition of an ``if``, or a comparison with null.
    """

    __slots__ = ("code", "found", "handled", "joined", "message", "span")

    def __init__(self, code: str, message: str, span: Span, found: str | None) -> None:
        self.code = code
        self.message = message
        self.span = span
        self.found = found
        self.handled = False
        self.joined: list[Failure] = []

    def join(self, other: Failure) -> Failure:
        """This one, as the reason of a null that the other is a reason of too."""
        if other is not self and other not in self.joined and len(self.joined) < _MAX_JOINED:
            self.joined.append(other)
        return self

    def all(self) -> list[Failure]:
        """This one and those joined to it, however far."""
        found: dict[int, Failure] = {}
        waiting: list[Failure] = [self]
        while waiting:
            one = waiting.pop()
            if id(one) not in found:
                found[id(one)] = one
                waiting.extend(one.joined)
        return list(found.values())

    def handle(self) -> None:
        """The expression deals with it."""
        for one in self.all():
            one.handled = True

    def __repr__(self) -> str:
        return f"null ({self.message})"
