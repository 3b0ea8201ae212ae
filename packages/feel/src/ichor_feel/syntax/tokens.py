"""Tokens, and the lexer that cuts a text into them.

A name of several words is several tokens here; `names` puts them together.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Final, NamedTuple

from ichor_feel.errors import ParseError
from ichor_feel.source import Span

# The standard's name start and name part characters (grammar rules 28 and 29).
_START: Final = (
    "?A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d"
    "\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_PART: Final = _START + "0-9\u00b7\u0300-\u036f\u203f-\u2040"
# Some of the white space below is within the ranges above; it is cut off first.
WHITESPACE: Final = (
    "\t\n\v\f\r \u0085\u00a0\u1680\u180e\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff"
)

_TOKEN: Final = re.compile(
    rf"""
      (?P<space>[{WHITESPACE}]+|//[^\n]*|/\*.*?\*/)
    | (?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|\.[0-9]+(?:[eE][+-]?[0-9]+)?)
    | (?P<name>(?![{WHITESPACE}])[{_START}](?:(?![{WHITESPACE}])[{_PART}])*)
    | (?P<string>"(?:[^"\\]|\\.)*")
    | (?P<at>@[{WHITESPACE}]*"(?:[^"\\]|\\.)*")
    | (?P<quoted>`[^`\n]+`)
    | (?P<sign>\*\*|\.\.|->|!=|<=|>=|/(?!\*)|[-+*=<>()\[\]{{}},:.'])
    """,
    re.VERBOSE | re.DOTALL,
)


class Kind(Enum):
    """Kinds of tokens."""

    NUMBER = "number"
    NAME = "name"
    STRING = "string"
    AT = "at"
    QUOTED = "quoted"
    SIGN = "sign"
    END = "end"


class Token(NamedTuple):
    """A token: its kind, its text as written, where it is, and whether white space came before."""

    kind: Kind
    text: str
    start: int
    end: int
    spaced: bool

    @property
    def span(self) -> Span:
        """Where it is."""
        return Span(self.start, self.end)

    def __str__(self) -> str:
        return "the end of the text" if self.kind is Kind.END else repr(self.text)


_KINDS: Final = {kind.value: kind for kind in Kind}


def tokenize(text: str) -> list[Token]:
    """All tokens of a text, the last of kind END; ParseError at a character that fits none."""
    tokens: list[Token] = []
    position = 0
    spaced = False
    match = _TOKEN.match
    while found := match(text, position):
        start, position = position, found.end()
        group = found.lastgroup
        if group == "space":
            spaced = True
            continue
        assert group is not None
        tokens.append(Token(_KINDS[group], found[0], start, position, spaced))
        spaced = False
    if position < len(text):
        raise _unknown_character(text, position)
    tokens.append(Token(Kind.END, "", position, position, spaced))
    return tokens


def _unknown_character(text: str, position: int) -> ParseError:
    span = Span(position, position + 1)
    if text[position] in '"@':
        return ParseError("the text is not closed", text, span, expected=('"',))
    if text[position] == "`":
        return ParseError("the name is not closed", text, span, expected=("`",))
    if text.startswith("/*", position):
        return ParseError("the comment is not closed", text, span, expected=("*/",))
    return ParseError(f"unexpected character {text[position]!r}", text, span)
