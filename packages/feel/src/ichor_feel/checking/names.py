"""Names, entries and types of a tree, as far as they are known."""

from __future__ import annotations

from collections.abc import Mapping

from ichor_feel.checking.issues import Issue
from ichor_feel.functions import BUILT_INS
from ichor_feel.source import Span
from ichor_feel.suggestions import closest
from ichor_feel.values.conformance import resolve
from ichor_feel.values.kinds import KIND_NAMES
from ichor_feel.values.properties import PROPERTIES
from ichor_feel.values.types import (
    ANY,
    BUILT_IN_TYPES,
    CONTEXT,
    DAYS_DURATION,
    INCOMPLETE,
    LIST,
    NUMBER,
    STRING,
    ContextType,
    FunctionType,
    ListType,
    RangeType,
    Simple,
    Type,
)

Names = Mapping[str, Type]
_PROPERTIES = {KIND_NAMES[kind]: names for kind, names in PROPERTIES.items()}


class Item:
    """Names of the items of a filter, of a type that may be unknown."""

    def __init__(self, kind: Type) -> None:
        self.kind = kind


class NameChecker:
    """Looks up names and entries, and notes what is unknown."""

    def __init__(self, names: Names | None, types: Mapping[str, Type]) -> None:
        self.names = names
        self.types = types
        self.issues: list[Issue] = []
        self.layers: list[dict[str, Type] | Item] = []

    def issue(self, code: str, message: str, span: Span) -> None:
        """Note an issue."""
        self.issues.append(Issue(code, message, span))

    def resolved(self, kind: Type) -> Type:
        """The type that a name stands for, Any if unknown."""
        return resolve(kind, self.types) or ANY

    def known_type(self, kind: Type, span: Span) -> None:
        """Note names of types that stand for none."""
        match kind:
            case Simple() if kind in INCOMPLETE:
                message = f"the type {kind} does not say what it is of, as list<number> does"
                self.issue("unknown-type", message, span)
            case Simple():
                if resolve(kind, self.types) is None:
                    near = closest(kind.name, [*BUILT_IN_TYPES, *self.types])
                    hint = f"; did you mean {near!r}?" if near else ""
                    self.issue("unknown-type", f"unknown type {kind.name!r}{hint}", span)
            case ListType(inner) | RangeType(inner):
                self.known_type(inner, span)
            case ContextType():
                for _, one in kind.entries:
                    self.known_type(one, span)
            case FunctionType():
                for one in (*kind.parameters, kind.result):
                    self.known_type(one, span)

    def name(self, name: str, span: Span) -> Type:
        """The type of what a name stands for."""
        unsure = False
        for layer in reversed(self.layers):
            if isinstance(layer, Item):
                kind = self.resolved(layer.kind)
                found = kind.get(name) if isinstance(kind, ContextType) else None
                if found is not None:
                    return self.resolved(found)
                if name == "item":
                    return kind
                unsure = unsure or kind in (ANY, CONTEXT)
            elif name in layer:
                return self.resolved(layer[name])
        if self.names is not None and name in self.names:
            return ANY if unsure else self.resolved(self.names[name])
        if name not in BUILT_INS and self.names is not None and not unsure:
            near = closest(name, self.names)
            hint = f"; did you mean {near!r}?" if near else ""
            self.issue("unknown-name", f"nothing is named {name!r}{hint}", span)
        return ANY

    def entry(self, kind: Type, name: str, span: Span) -> Type:
        """The type of an entry or property of a value of a type."""
        match self.resolved(kind):
            case ContextType() as context:
                found = context.get(name)
                if found is None:
                    keys = [key for key, _ in context.entries]
                    near = closest(name, keys)
                    hint = f"; did you mean {near!r}?" if near else ""
                    self.issue("no-entry", f"there is no entry {name!r}{hint}", span)
                    return ANY
                return self.resolved(found)
            case ListType(inner):
                return ListType(self.entry(inner, name, span))
            case RangeType() if name not in _PROPERTIES["range"]:
                self.issue("no-entry", f"a range has no property {name!r}", span)
            case Simple() as simple if simple not in (ANY, CONTEXT, LIST):
                if name not in _PROPERTIES.get(simple.name, ()):
                    self.issue("no-entry", f"a {simple} has no property {name!r}", span)
                return _property_type(name)
            case _:
                pass
        return ANY


def _property_type(name: str) -> Type:
    if name == "timezone":
        return STRING
    if name == "time offset":
        return DAYS_DURATION
    return ANY if name in _PROPERTIES["range"] else NUMBER
