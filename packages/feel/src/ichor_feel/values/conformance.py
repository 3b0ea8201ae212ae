"""Whether a value is of a type."""

# Values are of any kind; told apart by type, their items are still of any kind.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ichor_feel.evaluation.limits import MAX_VALUE_DEPTH
from ichor_feel.evaluation.runtime import Runtime
from ichor_feel.values.functions import BuiltIn, Lambda
from ichor_feel.values.kinds import KIND_NAMES, is_null
from ichor_feel.values.ranges import UNBOUNDED, Range
from ichor_feel.values.types import (
    ANY,
    BUILT_IN_TYPES,
    ContextType,
    FunctionType,
    ListType,
    RangeType,
    Simple,
    Type,
)

Types = Mapping[str, Type]
"""Types that the caller has given names."""

_MAX_ALIASES: Final = 32


def resolve(named: Type, types: Types) -> Type | None:
    """The type that a name stands for; None for unknown names."""
    for _ in range(_MAX_ALIASES):
        if not isinstance(named, Simple):
            return named
        if named.name in types:
            named = types[named.name]
        else:
            return BUILT_IN_TYPES.get(named.name)
    return None


def conforms(
    runtime: Runtime, value: Any, named: Type, *, nulls: bool = False, depth: int = 0
) -> bool | None:
    """Whether a value is of a type; None if the type, or a part of it, is unknown.

    Null is of type Null only; within lists and contexts, and with `nulls`, it is of every type.
    """
    found = resolve(named, runtime.types)
    if found is None or depth > MAX_VALUE_DEPTH:
        return None
    runtime.spend(1)
    if is_null(value):
        return nulls or found == BUILT_IN_TYPES["Null"]
    match found:
        case Simple():
            return found == ANY or KIND_NAMES.get(type(value)) == found.name
        case ListType():
            if type(value) is not list:
                return False
            items: list[Any] = value
            return _all(
                conforms(runtime, one, found.item, nulls=True, depth=depth + 1) for one in items
            )
        case ContextType():
            if type(value) is not dict:
                return False
            entries: dict[str, Any] = value
            return _all(
                name in entries
                and conforms(runtime, entries[name], one, nulls=True, depth=depth + 1)
                for name, one in found.entries
            )
        case RangeType():
            if type(value) is not Range:
                return False
            ends = [one for one in (value.start, value.end) if one is not UNBOUNDED]
            return _all(
                conforms(runtime, one, found.end, nulls=True, depth=depth + 1) for one in ends
            )
        case FunctionType():
            return _function_conforms(value, found, runtime.types)


def _all(parts: Any) -> bool | None:
    unknown = False
    for part in parts:
        if part is False:
            return False
        unknown = unknown or part is None
    return None if unknown else True


def _function_conforms(value: Any, wanted: FunctionType, types: Types) -> bool:
    if type(value) is BuiltIn:
        return len(value.parameters) == len(wanted.parameters) or not wanted.parameters
    if type(value) is not Lambda:
        return False
    if len(value.parameters) != len(wanted.parameters):
        return False
    # What the function is given must be what it takes; parameters without a type take anything.
    return all(
        own is None or is_subtype(given, own, types)
        for given, own in zip(wanted.parameters, value.types, strict=True)
    )


def is_subtype(one: Type, other: Type, types: Types, depth: int = 0) -> bool:
    """Whether every value of one type is also of the other."""
    left, right = resolve(one, types), resolve(other, types)
    if left is None or right is None or depth > MAX_VALUE_DEPTH:
        return False
    if right in (left, ANY) or left == BUILT_IN_TYPES["Null"]:
        return True
    deeper = depth + 1
    match left, right:
        case (ListType(), ListType()):
            return is_subtype(left.item, right.item, types, deeper)
        case (RangeType(), RangeType()):
            return is_subtype(left.end, right.end, types, deeper)
        case (ContextType(), ContextType()):
            own = dict(left.entries)
            return all(
                name in own and is_subtype(own[name], wanted, types, deeper)
                for name, wanted in right.entries
            )
        case (FunctionType(), FunctionType()):
            return (
                len(left.parameters) == len(right.parameters)
                and all(
                    is_subtype(given, own, types, deeper)
                    for own, given in zip(left.parameters, right.parameters, strict=True)
                )
                and is_subtype(left.result, right.result, types, deeper)
            )
        case (ListType(), Simple(name="list")) | (ContextType(), Simple(name="context")):
            return True
        case (RangeType(), Simple(name="range")) | (FunctionType(), Simple(name="function")):
            return True
        case _:
            return False
