"""Regular expressions of XPath, in the syntax of RE2.

RE2 matches in linear time. What it cannot say is refused: back-references. Its classes know no
subtraction, so those with one are worked out here.
"""

from __future__ import annotations

import re
from typing import Final

from ichor_feel.functions.regex_classes import (
    Ranges,
    as_class,
    complement,
    escape_ranges,
    merged,
    property_ranges,
    with_variants,
    without,
)

MAX_PATTERN: Final = 2_000
_MAX_CLASS_NESTING: Final = 20
_SINGLE: Final = {"n": "\n", "r": "\r", "t": "\t"}
_PUNCTUATION: Final = frozenset("\\|.?*+(){}-[]^$")
_QUANTIFIER: Final = re.compile(r"\{(\d{1,4})(?:,(\d{0,4}))?\}\Z")
_SPACES: Final = frozenset(" \t\n\r")


class PatternError(ValueError):
    """A pattern that XPath does not allow, or that cannot be matched in linear time."""


class _Translator:
    def __init__(self, pattern: str, *, extended: bool, dot_all: bool, ignore_case: bool) -> None:
        self.pattern = _without_spaces(pattern) if extended else pattern
        self.place = 0
        self.dot_all = dot_all
        self.ignore_case = ignore_case
        self.groups = 0
        self.open = 0
        self.closed: set[int] = set()
        self.stack: list[int] = []

    def translate(self) -> str:
        parts: list[str] = []
        while self.place < len(self.pattern):
            parts.append(self._next())
        if self.stack:
            raise PatternError("a parenthesis is not closed")
        return "".join(parts)

    def _next(self) -> str:
        character = self._take()
        match character:
            case "\\":
                return self._escape()
            case "[":
                return as_class(self._class(0))
            case "(":
                return self._open()
            case ")":
                if not self.stack:
                    raise PatternError("a parenthesis is closed that is not open")
                self.closed.add(self.stack.pop())
                return ")"
            case ".":
                return r"(?s:.)" if self.dot_all else r"[^\n\r]"
            case "{":
                return self._repeat()
            case "}" | "]":
                raise PatternError(f"{character!r} stands alone; write it as \\{character}")
            case "^" | "$" | "|" | "*" | "+" | "?":
                return character
            case _:
                return re.escape(character) if character.isascii() else character

    def _take(self) -> str:
        if self.place >= len(self.pattern):
            raise PatternError("it ends too early")
        self.place += 1
        return self.pattern[self.place - 1]

    def _open(self) -> str:
        if self.pattern.startswith("?:", self.place):
            self.place += 2
            self.stack.append(0)
            return "(?:"
        if self.pattern.startswith("?", self.place):
            raise PatternError("groups that begin with (? are not allowed, but for (?:")
        self.groups += 1
        self.stack.append(self.groups)
        return "("

    def _repeat(self) -> str:
        end = self.pattern.find("}", self.place)
        text = self.pattern[self.place - 1 : end + 1]
        found = _QUANTIFIER.match(text) if end >= 0 else None
        if found is None:
            raise PatternError("{ does not begin a quantifier")
        if found[2] and int(found[2]) < int(found[1]):
            raise PatternError("a quantifier goes from more to less")
        self.place = end + 1
        return text

    def _escape(self) -> str:
        character = self._take()
        if character.isdigit():
            raise PatternError("back-references are not supported")
        if character in _SINGLE:
            return re.escape(_SINGLE[character])
        if character in _PUNCTUATION:
            return "\\" + character
        return as_class(self._multiple(character))

    def _multiple(self, character: str) -> Ranges:
        """Code points of an escape that stands for several."""
        if character in "pP":
            if self._take() != "{":
                raise PatternError("\\p must be followed by a name in braces")
            end = self.pattern.find("}", self.place)
            name = self.pattern[self.place : max(end, self.place)]
            self.place = end + 1
            found = property_ranges(name)
            if found is None:
                raise PatternError(f"\\p{{{name[:40]}}} is unknown")
            return found if character == "p" else complement(found)
        found = escape_ranges(character)
        if found is None:
            raise PatternError(f"\\{character} is unknown")
        return found

    def _class(self, depth: int) -> Ranges:
        if depth > _MAX_CLASS_NESTING:
            raise PatternError("classes are nested too deeply")
        negated = self.pattern.startswith("^", self.place)
        self.place += negated
        ranges: list[tuple[int, int]] = []
        removed: Ranges = ()
        first = True
        while True:
            character = self._take()
            if character == "]" and not first:
                break
            if character == "-" and self.pattern.startswith("[", self.place) and not first:
                self.place += 1
                removed = self._class(depth + 1)
                if self._take() != "]":
                    raise PatternError("a subtraction must end its class")
                break
            first = False
            ranges.extend(self._class_part(character))
        found = merged(ranges)
        return without(complement(found) if negated else found, removed)

    def _class_part(self, character: str) -> Ranges:
        low = self._class_atom(character)
        if not isinstance(low, str):
            return low  # of properties, case always counts
        following = self.pattern[self.place : self.place + 2]
        if following[:1] != "-" or following in {"-]", "-["}:
            return self._span(low, low)
        self.place += 1
        high = self._class_atom(self._take())
        if not isinstance(high, str) or ord(high) < ord(low):
            raise PatternError("a range in a class has no end, or goes from more to less")
        return self._span(low, high)

    def _span(self, low: str, high: str) -> Ranges:
        found = ((ord(low), ord(high)),)
        return with_variants(found) if self.ignore_case else found

    def _class_atom(self, character: str) -> str | Ranges:
        if character == "[":
            raise PatternError("[ within a class must be written as \\[")
        if character != "\\":
            return character
        escaped = self._take()
        if escaped.isdigit():
            raise PatternError("back-references are not allowed in classes")
        if escaped in _SINGLE:
            return _SINGLE[escaped]
        return escaped if escaped in _PUNCTUATION else self._multiple(escaped)


def _without_spaces(pattern: str) -> str:
    """A pattern of flag x: white space counts within classes only."""
    kept: list[str] = []
    depth = 0
    escaped = False
    for character in pattern:
        if character in _SPACES and not depth:
            continue
        if not escaped:
            depth += (character == "[") - (character == "]" and depth > 0)
        escaped = character == "\\" and not escaped
        kept.append(character)
    return "".join(kept)


def translate(pattern: str, flags: str) -> str:
    """The pattern as RE2 takes it; PatternError for flags or syntax that are not allowed."""
    if unknown := set(flags) - set("smixq"):
        raise PatternError(f"the flag {min(unknown)!r} is unknown")
    if len(pattern) > MAX_PATTERN:
        raise PatternError(f"it is longer than {MAX_PATTERN} characters")
    switches = "".join(one for one in "im" if one in flags and (one == "i" or "q" not in flags))
    head = f"(?{switches})" if switches else ""
    if "q" in flags:
        return head + "".join(re.escape(one) if one.isascii() else one for one in pattern)
    translator = _Translator(
        pattern, extended="x" in flags, dot_all="s" in flags, ignore_case="i" in flags
    )
    return head + translator.translate()
