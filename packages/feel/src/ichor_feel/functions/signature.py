"""Signatures of built-in functions: what parser, checker, evaluator and documentation read."""

# Values are of any kind; told apart by type, their items are still of any kind.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from ichor_feel.values.durations import DaysDuration, MonthsDuration
from ichor_feel.values.failure import Failure
from ichor_feel.values.functions import BuiltIn, Lambda
from ichor_feel.values.ranges import Range
from ichor_feel.values.temporal import Date, DateTime, Time

_TYPES: Final[dict[str, frozenset[type[Any]]]] = {
    "number": frozenset({Decimal}),
    "string": frozenset({str}),
    "boolean": frozenset({bool}),
    "date": frozenset({Date}),
    "time": frozenset({Time}),
    "date and time": frozenset({DateTime}),
    "days and time duration": frozenset({DaysDuration}),
    "years and months duration": frozenset({MonthsDuration}),
    "duration": frozenset({DaysDuration, MonthsDuration}),
    "list": frozenset({list}),
    "context": frozenset({dict}),
    "function": frozenset({Lambda, BuiltIn}),
    "range": frozenset({Range}),
}

Implementation = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter: `kind` is a type, several with ``|`` between them, or ``Any``.

    A `variadic` one takes the rest of the arguments as one list; a `nullable` one takes null.
    """

    name: str
    kind: str
    optional: bool = False
    nullable: bool = False
    variadic: bool = False

    @property
    def accepted(self) -> frozenset[type[Any]] | None:
        """Python types of the values it takes; None for all."""
        return _accepted(self.kind)

    def __str__(self) -> str:
        text = f"{self.name}: {self.kind}"
        return f"{text}…" if self.variadic else f"[{text}]" if self.optional else text


def _accepted(kind: str) -> frozenset[type[Any]] | None:
    if kind == "Any":
        return None
    return frozenset[type[Any]]().union(*(_TYPES[one] for one in kind.split(" | ")))


@dataclass(frozen=True, slots=True)
class Signature:
    """Parameters, and the Python function that gets a `Call` and their values."""

    parameters: tuple[Parameter, ...]
    implementation: Implementation

    @property
    def least(self) -> int:
        """Fewest arguments."""
        return sum(not one.optional for one in self.parameters)

    @property
    def most(self) -> int | None:
        """Most arguments; None without a bound."""
        variadic = self.parameters and self.parameters[-1].variadic
        return None if variadic else len(self.parameters)

    def fits(self, count: int) -> bool:
        """Whether so many arguments can be given by position."""
        return self.least <= count and (self.most is None or count <= self.most)

    def places(self, names: Sequence[str]) -> list[int] | None:
        """Where each named argument goes; None if a name is unknown or there twice.

        Parameters that are not named get null.
        """
        order = {one.name: place for place, one in enumerate(self.parameters)}
        places = [order.get(name, -1) for name in names]
        if -1 in places or len(set(places)) < len(places):
            return None
        return places


@dataclass(frozen=True, slots=True)
class Function:
    """A built-in function.

    `origin` is ``standard``, ``Camunda`` or ``own``; `example` is an expression, and `result` the
    text of its value; `result_type` the type it gives when it does not fail.
    """

    name: str
    signatures: tuple[Signature, ...]
    family: str
    origin: str
    summary: str
    example: str
    result: str
    result_type: str

    @property
    def usages(self) -> list[str]:
        """Each way to call it, as ``substring(string, start position, [length])``."""
        return [f"{self.name}({', '.join(map(_brief, one.parameters))})" for one in self.signatures]

    @property
    def usage(self) -> str:
        """All of them."""
        return " or ".join(self.usages)


def _brief(parameter: Parameter) -> str:
    if parameter.variadic:
        return f"{parameter.name}, …"
    return f"[{parameter.name}]" if parameter.optional else parameter.name


@dataclass(frozen=True, slots=True)
class Mismatch:
    """An argument that a parameter does not take."""

    parameter: Parameter
    value: Any


_ACCEPTED: Final[dict[str, frozenset[type[Any]] | None]] = {}


def coerce(parameter: Parameter, value: Any) -> Any:
    """The value as the parameter takes it, or a Mismatch.

    As the standard says, a list of one item stands for the item, an item for a list of it, and a
    date for midnight in UTC, where the parameter takes only these.
    """
    kind = parameter.kind
    if kind in _ACCEPTED:
        accepted = _ACCEPTED[kind]
    else:
        accepted = _ACCEPTED[kind] = parameter.accepted
    given = type(value)
    if accepted is None:
        return value
    if given in accepted:
        return value
    if value is None or given is Failure:
        return None if parameter.nullable else Mismatch(parameter, value)
    if list in accepted:
        return [value]
    if given is list and len(value) == 1 and type(value[0]) in accepted:
        return value[0]
    if given is Date and DateTime in accepted:
        return DateTime(value, Time(0, 0))
    return Mismatch(parameter, value)


def bind(signature: Signature, arguments: Sequence[Any]) -> list[Any] | Mismatch:
    """Arguments by position, each as its parameter takes it."""
    bound: list[Any] = []
    parameters = signature.parameters
    for place, parameter in enumerate(parameters):
        if parameter.variadic:
            rest: list[Any] = []
            for value in arguments[place:]:
                taken = coerce(parameter, value)
                if type(taken) is Mismatch:
                    return taken
                rest.append(taken)
            bound.append(rest)
            return bound
        if place >= len(arguments):
            break
        taken = coerce(parameter, arguments[place])
        if type(taken) is Mismatch:
            return taken
        bound.append(taken)
    return bound
