"""Types, as ``instance of`` and parameters of functions write them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Simple:
    """A type without parts: a built-in one, or one that the caller has given a meaning."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class ListType:
    """``list<item>``."""

    item: Type

    def __str__(self) -> str:
        return f"list<{self.item}>"


@dataclass(frozen=True, slots=True)
class RangeType:
    """``range<end>``."""

    end: Type

    def __str__(self) -> str:
        return f"range<{self.end}>"


@dataclass(frozen=True, slots=True)
class ContextType:
    """``context<name: type>``: a context has at least these entries."""

    entries: tuple[tuple[str, Type], ...]

    def __str__(self) -> str:
        return f"context<{', '.join(f'{name}: {one}' for name, one in self.entries)}>"

    def get(self, name: str) -> Type | None:
        """The type of an entry."""
        return next((one for key, one in self.entries if key == name), None)


@dataclass(frozen=True, slots=True)
class FunctionType:
    """``function<parameter, …> -> result``."""

    parameters: tuple[Type, ...]
    result: Type

    def __str__(self) -> str:
        return f"function<{', '.join(map(str, self.parameters))}>->{self.result}"


Type = Simple | ListType | RangeType | ContextType | FunctionType

ANY: Final = Simple("Any")
NULL: Final = Simple("Null")
NUMBER: Final = Simple("number")
STRING: Final = Simple("string")
BOOLEAN: Final = Simple("boolean")
DATE: Final = Simple("date")
TIME: Final = Simple("time")
DATE_TIME: Final = Simple("date and time")
DAYS_DURATION: Final = Simple("days and time duration")
MONTHS_DURATION: Final = Simple("years and months duration")
LIST: Final = Simple("list")
CONTEXT: Final = Simple("context")
FUNCTION: Final = Simple("function")
RANGE: Final = Simple("range")

INCOMPLETE: Final = frozenset({LIST, CONTEXT, FUNCTION, RANGE})
"""Kinds that become types only by what they are of, as ``list<number>``."""


def is_complete(kind: Type) -> bool:
    """Whether a type can be asked for: one that says what lists, contexts and so on are of."""
    match kind:
        case Simple():
            return kind not in INCOMPLETE
        case ListType(inner) | RangeType(inner):
            return is_complete(inner)
        case ContextType():
            return all(is_complete(one) for _, one in kind.entries)
        case FunctionType():
            return all(map(is_complete, (*kind.parameters, kind.result)))


BUILT_IN_TYPES: Final = {
    one.name: one
    for one in (
        ANY,
        NULL,
        NUMBER,
        STRING,
        BOOLEAN,
        DATE,
        TIME,
        DATE_TIME,
        DAYS_DURATION,
        MONTHS_DURATION,
        LIST,
        CONTEXT,
        FUNCTION,
        RANGE,
    )
} | {
    # Older spellings of the standard.
    "day-time duration": DAYS_DURATION,
    "year-month duration": MONTHS_DURATION,
}
