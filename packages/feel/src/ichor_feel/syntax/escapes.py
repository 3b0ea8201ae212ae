"""Escape sequences of string literals."""

from __future__ import annotations

import re
from typing import Final

_ESCAPE: Final = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{6})|(.))", re.DOTALL)
_PAIR: Final = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_LONE: Final = re.compile("[\ud800-\udfff]")
_SIMPLE: Final = {"'": "'", '"': '"', "\\": "\\", "n": "\n", "r": "\r", "t": "\t"}
_REPLACEMENT: Final = "\ufffd"
_PRINTED: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _one(found: re.Match[str]) -> str:
    code = found[1] or found[2]
    if code is None:
        # Others, such as those of patterns, stay as they are: "\d".
        return _SIMPLE.get(found[3], found[0])
    number = int(code, 16)
    return chr(number) if number <= 0x10FFFF else _REPLACEMENT


def joined(text: str) -> str:
    """Pairs of surrogates put together; a lone one, which no encoding can say, becomes U+FFFD."""
    if _LONE.search(text) is None:
        return text
    paired = _PAIR.sub(
        lambda pair: pair[0].encode("utf-16", "surrogatepass").decode("utf-16"), text
    )
    return _LONE.sub(_REPLACEMENT, paired)


def unescape(literal: str) -> str:
    """The text that a literal, given without its quotes, stands for."""
    if "\\" not in literal:
        return joined(literal)
    return joined(_ESCAPE.sub(_one, literal))


def quote(text: str) -> str:
    """A literal with its quotes that stands for the text."""
    return '"' + "".join(_PRINTED.get(one, one) for one in text) + '"'
