"""Texts for people and for other systems."""

# Values are of any kind; told apart by type, their items are still of any kind.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import html
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from ichor_feel.functions.call import Call
from ichor_feel.functions.date_pattern import DatePatternError, format_moment
from ichor_feel.functions.number_pattern import NumberPatternError, format_decimal
from ichor_feel.functions.registry import Family
from ichor_feel.values.kinds import is_null
from ichor_feel.values.temporal import Date, DateTime, Time
from ichor_feel.values.text import text_of

_family = Family("rendering", "own")


def _bytes(call: Call, text: str) -> bytes:
    call.runtime.spend(len(text) >> 4)
    return text.encode("utf-8", "replace")


def _made(call: Call, text: str) -> str:
    call.runtime.make_text(len(text))
    return text


@_family.function(
    "format date",
    "value: date | time | date and time",
    "pattern: string",
    gives="string",
    summary="A date, time, or date and time by a pattern of yyyy, yy, M, MM, MMM, MMMM, d, dd, E, "
    "EEEE, H, HH, h, hh, mm, ss, S, SSS, a, ww, DDD, XXX and VV; text in single quotes stays.",
    example='format date(@"2024-05-03", "dd.MM.yyyy")',
    result='"03.05.2024"',
)
def format_date(call: Call, value: Date | Time | DateTime, pattern: str) -> Any:
    """By a pattern."""
    call.runtime.spend(len(pattern))
    try:
        return _made(call, format_moment(value, pattern))
    except DatePatternError as error:
        return call.fail(str(error))


@_family.function(
    "format number",
    "value: number",
    "pattern: string",
    gives="string",
    summary="A number by a pattern: 0 is a digit, # one that may be missing, the last of . and , "
    "stands before the fraction, any of . , ' and space before it between groups of digits.",
    example='format number(1234567.5, "#\'##0.00")',
    result="\"1'234'567.50\"",
)
def format_number(call: Call, value: Decimal, pattern: str) -> Any:
    """By a pattern."""
    call.runtime.spend(len(pattern))
    try:
        return _made(call, format_decimal(value, pattern))
    except NumberPatternError as error:
        return call.fail(str(error))


@_family.function(
    "url encode",
    "string: string",
    gives="string",
    summary="A text as part of a URL.",
    example='url encode("a b&c")',
    result='"a%20b%26c"',
)
def url_encode(call: Call, string: str) -> Any:
    """Percent encoding of UTF-8."""
    call.runtime.make_text(len(string))
    return _made(call, quote(_bytes(call, string), safe=""))


@_family.function(
    "html escape",
    "string: string",
    gives="string",
    summary="A text as part of HTML.",
    example='html escape("a < b")',
    result='"a &lt; b"',
)
def html_escape(call: Call, string: str) -> Any:
    """Entities for signs of markup."""
    call.runtime.make_text(len(string))
    return _made(call, html.escape(string))


@_family.function(
    "base64 encode",
    "string: string",
    gives="string",
    summary="The UTF-8 of a text in Base64.",
    example='base64 encode("hello")',
    result='"aGVsbG8="',
)
def base64_encode(call: Call, string: str) -> Any:
    """Base64."""
    return _made(call, base64.b64encode(_bytes(call, string)).decode())


@_family.function(
    "base64 decode",
    "string: string",
    gives="string",
    summary="The text whose UTF-8 is given in Base64.",
    example='base64 decode("aGVsbG8=")',
    result='"hello"',
)
def base64_decode(call: Call, string: str) -> Any:
    """From Base64."""
    try:
        text = base64.b64decode(_bytes(call, string), validate=True).decode()
    except (binascii.Error, ValueError):
        return call.fail("no Base64 of a text")
    return _made(call, text)


@_family.function(
    "sha256",
    "string: string",
    gives="string",
    summary="The SHA-256 of the UTF-8 of a text, in hexadecimal digits.",
    example='substring(sha256("hello"), 1, 8)',
    result='"2cf24dba"',
)
def sha256(call: Call, string: str) -> Any:
    """Digest."""
    return _made(call, hashlib.sha256(_bytes(call, string)).hexdigest())


@_family.function(
    "hmac sha256",
    "string: string",
    "key: string",
    gives="string",
    summary="The HMAC of a text with a key by SHA-256, in hexadecimal digits.",
    example='substring(hmac sha256("hello", "key"), 1, 8)',
    result='"9307b3b9"',
)
def hmac_sha256(call: Call, string: str, key: str) -> Any:
    """Keyed digest."""
    digest = hmac.new(_bytes(call, key), _bytes(call, string), hashlib.sha256)
    return _made(call, digest.hexdigest())


@_family.function(
    "csv",
    "list: list",
    gives="string",
    summary="Contexts as CSV by RFC 4180: a line of all keys, then one for each context.",
    example='csv([{a: 1, b: "x, y"}, {a: 2}])',
    result='"a,b\\r\\n1,\\"x, y\\"\\r\\n2,\\r\\n"',
)
def csv(call: Call, items: list[Any]) -> Any:
    """Lines end in CR LF."""
    keys: dict[str, None] = {}
    for item in items:
        if not isinstance(item, dict):
            return call.mismatch("contexts", item)
        call.runtime.spend(len(item))
        keys.update(dict.fromkeys(item))
    lines = [",".join(_field(call, key) for key in keys)]
    for item in items:
        call.runtime.spend(len(keys))
        lines.append(",".join(_field(call, item.get(key)) for key in keys))
    text = "".join(f"{line}\r\n" for line in lines)
    return _made(call, text)


def _field(call: Call, value: Any) -> str:
    if is_null(value):
        return ""
    text = text_of(call.runtime, value)
    call.runtime.make_text(len(text))
    if any(one in text for one in ',"\r\n'):
        return '"' + text.replace('"', '""') + '"'
    return text
