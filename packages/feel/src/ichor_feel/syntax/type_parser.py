"""The grammar of types."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from ichor_feel.syntax.names import NameTable, is_part, join
from ichor_feel.syntax.stream import TokenStream
from ichor_feel.syntax.tokens import Kind
from ichor_feel.values.types import (
    BUILT_IN_TYPES,
    ContextType,
    FunctionType,
    ListType,
    RangeType,
    Simple,
    Type,
)

_BUILT_IN: Final = NameTable(BUILT_IN_TYPES)


def parse_type(text: str) -> Type:
    """A type by its text, as ``list<context<name: string>>``; ParseError where it is none."""
    stream = TokenStream(text)
    found = read_type(stream)
    if stream.current.kind is not Kind.END:
        raise stream.unexpected("the end of the text", after="the type")
    return found


def read_type(stream: TokenStream, known: Iterable[NameTable] = ()) -> Type:
    """The type at the stream's position."""
    stream.enter()
    try:
        name = _read_name(stream, known)
        if name in {"list", "range"} and stream.accept("<"):
            inner = read_type(stream, known)
            stream.expect(">", after=f"the type of the {name}")
            return ListType(inner) if name == "list" else RangeType(inner)
        if name == "context" and stream.accept("<"):
            return _read_context(stream, known)
        if name == "function" and stream.accept("<"):
            return _read_function(stream, known)
        return BUILT_IN_TYPES.get(name, Simple(name))
    finally:
        stream.leave()


def _read_name(stream: TokenStream, known: Iterable[NameTable]) -> str:
    for table in (_BUILT_IN, *known):
        if found := table.match(stream.tokens, stream.position):
            stream.position += found[1]
            return found[0]
    if stream.current.kind is Kind.QUOTED:
        return stream.take().text[1:-1]
    if stream.current.kind is not Kind.NAME:
        raise stream.unexpected("a type")
    name = stream.take().text
    while stream.at(".") and stream.peek().kind is Kind.NAME:
        stream.take()
        name += "." + stream.take().text
    return name


def _read_context(stream: TokenStream, known: Iterable[NameTable]) -> Type:
    entries: list[tuple[str, Type]] = []
    while not stream.at(">"):
        start = stream.position
        if stream.current.kind is Kind.STRING:
            key = stream.take().text[1:-1]
        else:
            while is_part(stream.current):
                stream.take()
            key = join(stream.tokens[start : stream.position])
        if not key:
            raise stream.unexpected("a name")
        stream.expect(":", after="the name of an entry")
        entries.append((key, read_type(stream, known)))
        if not stream.accept(","):
            break
    stream.expect(">", after="the entries of the type")
    return ContextType(tuple(entries))


def _read_function(stream: TokenStream, known: Iterable[NameTable]) -> Type:
    parameters: list[Type] = []
    while not stream.at(">"):
        parameters.append(read_type(stream, known))
        if not stream.accept(","):
            break
    stream.expect(">", after="the types of the parameters")
    stream.expect("->", after="the types of the parameters")
    return FunctionType(tuple(parameters), read_type(stream, known))
