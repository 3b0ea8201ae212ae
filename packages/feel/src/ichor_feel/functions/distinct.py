"""Values that occur, and how often, by the equality of the language."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ichor_feel.evaluation.runtime import Runtime
from ichor_feel.values.equality import equal, order_key
from ichor_feel.values.kinds import is_null


class Distinct:
    """Counts of values: by a key where values have one, by comparing all others with each other."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._entries: list[list[Any]] = []
        self._keyed: dict[Any, list[Any]] = {}
        self._others: list[list[Any]] = []

    def add(self, value: Any) -> int:
        """Count a value once more; how often it has been added."""
        return self.entry(value)[1]

    def entry(self, value: Any) -> tuple[int, int]:
        """The same, after the place of the value among the different ones."""
        self._runtime.spend(2)
        key = self._key(value)
        entry = self._keyed.get(key) if key is not None else self._find(value)
        if entry is None:
            entry = [value, 0, len(self._entries)]
            self._entries.append(entry)
            if key is None:
                self._others.append(entry)
            else:
                self._keyed[key] = entry
        entry[1] += 1
        return entry[2], entry[1]

    def counts(self) -> Iterator[tuple[Any, int]]:
        """Each value and how often, in the order of first occurrence."""
        return ((value, times) for value, times, _ in self._entries)

    def _find(self, value: Any) -> list[Any] | None:
        for entry in self._others:
            self._runtime.spend(2)
            if equal(self._runtime, entry[0], value):
                return entry
        return None

    @staticmethod
    def _key(value: Any) -> Any:
        if is_null(value):
            return ("null",)
        if isinstance(value, bool):
            return ("boolean", value)
        return order_key(value)
