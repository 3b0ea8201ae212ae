"""The table of built-in functions, filled by the modules of the families."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from ichor_feel.functions.signature import Function, Implementation, Parameter, Signature

TABLE: Final[dict[str, Function]] = {}
_MARKS: Final = {"?": "optional", "!": "nullable", "*": "variadic"}


def parameter(text: str) -> Parameter:
    """A parameter by ``name: kind`` and marks: ``?`` optional, ``!`` nullable, ``*`` variadic."""
    name, _, kind = text.partition(": ")
    marks: dict[str, bool] = {}
    while kind[-1] in _MARKS:
        marks[_MARKS[kind[-1]]] = True
        kind = kind[:-1]
    return Parameter(name, kind, **marks)


class Family:
    """Functions of one family; `function` adds one."""

    def __init__(self, name: str, origin: str = "standard") -> None:
        self.name = name
        self.origin = origin

    def function(
        self, name: str, *parameters: str, gives: str, summary: str, example: str, result: str
    ) -> Callable[[Implementation], Implementation]:
        """Add a function with its first signature."""

        def add(implementation: Implementation) -> Implementation:
            signature = Signature(tuple(map(parameter, parameters)), implementation)
            TABLE[name] = Function(
                name, (signature,), self.name, self.origin, summary, example, result, gives
            )
            return implementation

        return add

    @staticmethod
    def also(name: str, *parameters: str) -> Callable[[Implementation], Implementation]:
        """Add a signature to a function that is already there."""

        def add(implementation: Implementation) -> Implementation:
            signature = Signature(tuple(map(parameter, parameters)), implementation)
            function = TABLE[name]
            TABLE[name] = replace(function, signatures=(*function.signatures, signature))
            return implementation

        return add
