"""Functions on texts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ichor_feel.functions.call import Call
from ichor_feel.functions.registry import Family
from ichor_feel.syntax.tokens import WHITESPACE
from ichor_feel.values.kinds import is_null

_family = Family("string")
_camunda = Family("string", "Camunda")


@_family.function(
    "substring",
    "string: string",
    "start position: number",
    "length: number?!",
    gives="string",
    summary="Part of a text from a position, counted from 1, or from the end if negative.",
    example='substring("foobar", 3, 2)',
    result='"ob"',
)
def substring(call: Call, string: str, start: Decimal, length: Decimal | None = None) -> Any:
    """Part of a text."""
    if not 1 <= abs(start) <= len(string):
        message = f"a text of {len(string)} characters has no position {start:.12g}"
        return call.fail(message, "no-item")
    begin = int(start) - 1 if start > 0 else len(string) + int(start)
    if length is None:
        part = string[begin:]
    elif length < 1:
        return call.fail("length must be at least 1")
    else:
        part = string[begin : begin + int(min(length, Decimal(len(string))))]
    call.runtime.make_text(len(part))
    return part


@_family.function(
    "string length",
    "string: string",
    gives="number",
    summary="Number of characters.",
    example='string length("foo")',
    result="3",
)
def length_of(_: Call, string: str) -> Any:
    """Characters, by code points."""
    return Decimal(len(string))


@_family.function(
    "upper case",
    "string: string",
    gives="string",
    summary="The text in upper case.",
    example='upper case("aBc4")',
    result='"ABC4"',
)
def upper(call: Call, string: str) -> Any:
    """Upper case."""
    call.runtime.make_text(len(string))
    return string.upper()


@_family.function(
    "lower case",
    "string: string",
    gives="string",
    summary="The text in lower case.",
    example='lower case("aBc4")',
    result='"abc4"',
)
def lower(call: Call, string: str) -> Any:
    """Lower case."""
    call.runtime.make_text(len(string))
    return string.lower()


@_family.function(
    "substring before",
    "string: string",
    "match: string",
    gives="string",
    summary="The part of a text before the first place of another; empty if it is not there.",
    example='substring before("foobar", "bar")',
    result='"foo"',
)
def before(call: Call, string: str, match: str) -> Any:
    """The part before."""
    call.runtime.make_text(len(string))
    head, found, _ = string.partition(match) if match else ("", "", "")
    return head if found else ""


@_family.function(
    "substring after",
    "string: string",
    "match: string",
    gives="string",
    summary="The part of a text after the first place of another; empty if it is not there.",
    example='substring after("foobar", "ob")',
    result='"ar"',
)
def after(call: Call, string: str, match: str) -> Any:
    """The part after."""
    call.runtime.make_text(len(string))
    return string.partition(match)[2] if match else string


@_family.function(
    "contains",
    "string: string",
    "match: string",
    gives="boolean",
    summary="Whether a text holds another.",
    example='contains("foobar", "of")',
    result="false",
)
def contains(call: Call, string: str, match: str) -> Any:
    """Substring test."""
    call.runtime.spend(len(string) >> 6)
    return match in string


@_family.function(
    "starts with",
    "string: string",
    "match: string",
    gives="boolean",
    summary="Whether a text begins with another.",
    example='starts with("foobar", "fo")',
    result="true",
)
def starts_with(_: Call, string: str, match: str) -> Any:
    """Prefix test."""
    return string.startswith(match)


@_family.function(
    "ends with",
    "string: string",
    "match: string",
    gives="boolean",
    summary="Whether a text ends with another.",
    example='ends with("foobar", "r")',
    result="true",
)
def ends_with(_: Call, string: str, match: str) -> Any:
    """Suffix test."""
    return string.endswith(match)


@_family.function(
    "string join",
    "list: list",
    "delimiter: string?!",
    gives="string",
    summary="The texts of a list in one, with a delimiter between them; nulls are left out.",
    example='string join(["a", "b", null], ", ")',
    result='"a, b"',
)
def join(call: Call, items: list[Any], delimiter: str | None = None) -> Any:
    """One text of many."""
    parts: list[str] = []
    for item in items:
        if isinstance(item, str):
            parts.append(item)
        elif not is_null(item):
            return call.mismatch("strings", item)
    between = delimiter or ""
    call.runtime.spend(len(items))
    call.runtime.make_text(sum(map(len, parts)) + len(between) * max(len(parts) - 1, 0))
    return between.join(parts)


@_camunda.function(
    "trim",
    "string: string",
    gives="string",
    summary="The text without white space at both ends.",
    example='trim("  hello ")',
    result='"hello"',
)
def trim(call: Call, string: str) -> Any:
    """Without outer white space."""
    call.runtime.make_text(len(string))
    return string.strip(_WHITE)


@_camunda.function(
    "is blank",
    "string: string",
    gives="boolean",
    summary="Whether a text is empty or white space only.",
    example='is blank("  ")',
    result="true",
)
def is_blank(_: Call, string: str) -> Any:
    """Nothing but white space."""
    return not string.strip(_WHITE)


_WHITE = WHITESPACE.replace("\u2000-\u200b", "".join(map(chr, range(0x2000, 0x200C))))
