"""Functions that deal with null."""

from __future__ import annotations

from typing import Any

from ichor_feel.functions.call import Call
from ichor_feel.functions.registry import Family
from ichor_feel.values.failure import Failure
from ichor_feel.values.kinds import is_null

_family = Family("null", "Camunda")


def _handle(value: Any) -> None:
    if type(value) is Failure:
        value.handle()


@_family.function(
    "get or else",
    "value: Any!",
    "default: Any!",
    gives="Any",
    summary="A value, or another one where it is null; what made it null is dealt with.",
    example='get or else(null, "none")',
    result='"none"',
)
def get_or_else(_: Call, value: Any, default: Any) -> Any:
    """With a default."""
    if not is_null(value):
        return value
    _handle(value)
    return default


@_family.function(
    "is defined",
    "value: Any!",
    gives="boolean",
    summary="Whether a value is there: false for names and entries that are missing, and for null "
    "that an error left; true for an entry that is null.",
    example="is defined({a: null}.a)",
    result="true",
)
def is_defined(_: Call, value: Any) -> Any:
    """Presence."""
    _handle(value)
    return type(value) is not Failure


@_family.function(
    "assert",
    "value: Any!",
    "condition: Any!",
    "cause: string?!",
    gives="Any",
    summary="A value, where a condition is true; else null, with the cause as the problem.",
    example='assert(5, 5 > 0, "must be positive")',
    result="5",
)
def assert_that(call: Call, value: Any, condition: Any, cause: str | None = None) -> Any:
    """Guard."""
    if condition is True:
        return value
    return call.runtime.fail(call.span, "assertion", cause or "the condition of assert is not met")
