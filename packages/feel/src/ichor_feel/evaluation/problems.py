"""Problems: why something is null."""

from __future__ import annotations

from dataclasses import dataclass

from ichor_feel.source import Span


@dataclass(frozen=True, slots=True)
class Problem:
    """An error that gave null.

    `code` is stable: ``unknown-name``, ``no-entry``, ``no-item``, ``wrong-type``,
    ``unknown-function``, ``unknown-type``, ``arguments``, ``invalid-value``, ``arithmetic``,
    ``duplicate-key``, ``no-clock``, ``assertion``, ``limit``, ``input``, and ``more`` for those
    beyond the first hundred. `found` says in words what was there instead.
    """

    code: str
    message: str
    span: Span
    found: str | None = None

    def __str__(self) -> str:
        return self.message
