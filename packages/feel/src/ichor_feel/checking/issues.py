"""Issues: what is wrong with an expression before it is evaluated."""

from __future__ import annotations

from dataclasses import dataclass

from ichor_feel.source import Span


@dataclass(frozen=True, slots=True)
class Issue:
    """Something that will give null, and where.

    `code` is one of those of `Problem`.
    """

    code: str
    message: str
    span: Span

    def __str__(self) -> str:
        return self.message
