"""Implicit conversions of the standard: of results and arguments to the type that is asked for."""

# Values are of any kind; told apart by type, their items are still of any kind.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from typing import Any

from ichor_feel.evaluation.runtime import Runtime
from ichor_feel.source import NOWHERE
from ichor_feel.values.conformance import conforms, resolve
from ichor_feel.values.kinds import describe, is_null
from ichor_feel.values.temporal import Date, DateTime, Time
from ichor_feel.values.types import DATE_TIME, ListType, Type


def coerced(runtime: Runtime, value: Any, kind: Type) -> Any:
    """The value as one of the type: itself, the item of a list of one, a list of it, or a failure.

    Null, and a value of a type that is unknown, stay as they are.
    """
    if is_null(value) or conforms(runtime, value, kind) is not False:
        return value
    if type(value) is list:
        items: list[Any] = value
        if len(items) == 1 and conforms(runtime, items[0], kind):
            return items[0]
    found = resolve(kind, runtime.types)
    if isinstance(found, ListType) and conforms(runtime, value, found.item):
        return [value]
    if found == DATE_TIME and type(value) is Date:
        return DateTime(value, Time(0, 0))
    message = f"expected {kind}, found {describe(value)}"
    return runtime.fail(NOWHERE, "wrong-type", message, describe(value))
