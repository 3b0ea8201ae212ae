"""Functions as values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ichor_feel.values.types import Type

Frame = list[Any]
"""Values of the names in reach while a tree is evaluated; the runtime is at index 0."""
Code = Callable[[Frame], Any]
"""A compiled node."""


@dataclass(frozen=True, slots=True, eq=False)
class Lambda:
    """A function literal with the values it saw where it stood."""

    parameters: tuple[str, ...]
    types: tuple[Type | None, ...]
    slots: tuple[int, ...]
    body: Code
    frame: Frame
    depth: int
    size: int

    def __repr__(self) -> str:
        return f"function({', '.join(self.parameters)})"


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """A built-in function by its name, as a value."""

    name: str
    parameters: tuple[str, ...]
    invoke: Callable[[Any, Any, list[Any]], Any] = field(compare=False)
    """Calls it: runtime, place in the text, arguments by position."""

    def __repr__(self) -> str:
        return self.name


FunctionValue = Lambda | BuiltIn
