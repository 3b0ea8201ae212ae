"""Cases of the kit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ichor_feel.values.types import Type


@dataclass(frozen=True, slots=True)
class Case:
    """An expression, its input, and the value it should have.

    `result_type` is what the decision declares; `types` are those that its model defines.
    `expects_error` says that the value is null because of an error.
    """

    name: str
    expression: str
    context: Mapping[str, Any]
    expected: Any
    expects_error: bool = False
    result_type: str | None = None
    types: Mapping[str, Type] = field(default_factory=dict[str, Type])
