"""State of one evaluation: its input, what it may still do, and the failures so far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, NoReturn

from ichor_feel.evaluation.limits import MAX_PROBLEMS, Limits
from ichor_feel.source import NOWHERE, Span
from ichor_feel.suggestions import closest
from ichor_feel.values.failure import Failure
from ichor_feel.values.temporal import DateTime

_MAX_SUGGESTIONS: Final = 5


class LimitReachedError(Exception):
    """An evaluation went beyond its limits; never seen outside."""


class Runtime:
    """One evaluation."""

    __slots__ = (
        "_shared",
        "characters",
        "context",
        "failures",
        "inputs",
        "items",
        "limits",
        "now",
        "stack",
        "steps",
        "types",
    )

    def __init__(
        self,
        context: Mapping[str, Any],
        now: DateTime | None,
        limits: Limits,
        types: Mapping[str, Any],
    ) -> None:
        self.context = context
        self.now = now
        self.limits = limits
        self.types = types
        self.steps = limits.steps
        self.items = limits.items
        self.characters = limits.characters
        self.stack = limits.stack
        self.failures: list[Failure] = []
        self.inputs: dict[str, Any] = {}
        self._shared: Failure | None = None

    def fail(self, span: Span, code: str, message: str, found: str | None = None) -> Failure:
        """A null with this reason."""
        # Finding the words takes longer than most steps do.
        self.spend(30)
        if len(self.failures) >= MAX_PROBLEMS:
            if self._shared is None:
                self._shared = Failure("more", "more problems, not listed", NOWHERE, None)
            return self._shared
        failure = Failure(code, message, span, found)
        self.failures.append(failure)
        return failure

    def near(self, name: str, candidates: Iterable[str]) -> str:
        """``; did you mean …?`` for a name that nearly fits; in the first failures only."""
        if len(self.failures) >= _MAX_SUGGESTIONS:
            return ""
        found = closest(name, candidates)
        return f"; did you mean {found!r}?" if found else ""

    def spend(self, steps: int) -> None:
        """Count work."""
        self.steps -= steps
        if self.steps < 0:
            self._stop("steps", self.limits.steps)

    def make_items(self, count: int) -> None:
        """Count items of a list or context that is about to be made."""
        self.items -= count
        if self.items < 0:
            self._stop("list items", self.limits.items)
        self.spend(count >> 3)

    def make_text(self, length: int) -> None:
        """Count characters of a text that is about to be made."""
        self.characters -= length
        if self.characters < 0:
            self._stop("characters of text", self.limits.characters)
        self.spend(length >> 6)

    def enter(self, levels: int) -> None:
        """Count levels of nesting that a call adds; `leave` gives them back."""
        self.stack -= levels
        if self.stack < 0:
            self._stop("levels of nested calls", self.limits.stack)

    def leave(self, levels: int) -> None:
        """Back from `enter`."""
        self.stack += levels

    @staticmethod
    def _stop(what: str, limit: int) -> NoReturn:
        raise LimitReachedError(f"stopped: more than {limit:,} {what}")

    @staticmethod
    def stop(message: str) -> NoReturn:
        """End the evaluation."""
        raise LimitReachedError(f"stopped: {message}")
