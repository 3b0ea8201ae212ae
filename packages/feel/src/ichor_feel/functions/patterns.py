"""Functions with regular expressions."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from typing import Any, Final

from ichor_feel.functions.call import Call
from ichor_feel.functions.regex_translation import PatternError, translate
from ichor_feel.functions.registry import Family

# It comes without types.
_re2: Any = import_module("re2")

_family = Family("string")
_camunda = Family("string", "Camunda")

# Of the compiled program; a larger one is refused.
_MAX_PATTERN_MEMORY: Final = 2 << 20
# A match may visit each character once for each instruction of the program.
_MAX_WORK: Final = 30_000_000
_WORK_OF_A_STEP: Final = 100
# Steps that finding one place takes.
_MATCH: Final = 15


@lru_cache(maxsize=128)
def _compiled(pattern: str, flags: str) -> Any:
    options = _re2.Options()
    options.max_mem = _MAX_PATTERN_MEMORY
    options.log_errors = False
    return _re2.compile(translate(pattern, flags), options)


def _with_pattern(
    call: Call, text: str, pattern: str, flags: str | None, use: Callable[[Any, str], Any]
) -> Any:
    """What `use` makes of the compiled pattern and the text, or a failure."""
    call.runtime.spend(len(pattern) * 4)
    try:
        compiled = _compiled(pattern, flags or "")
    except PatternError as error:
        return call.fail(f"the pattern cannot be used: {error}", found=f'"{pattern[:60]}"')
    except _re2.error as error:
        message = error.args[0] if error.args else b""
        reason = message.decode(errors="replace") if isinstance(message, bytes) else str(message)
        return call.fail(f"the pattern cannot be used: {reason[:200]}", found=f'"{pattern[:60]}"')
    work = (len(text) + 1) * (compiled.programsize + 1)
    if work > _MAX_WORK:
        return call.fail("the pattern is too large for so long a text", "limit")
    call.runtime.spend(work // _WORK_OF_A_STEP)
    # RE2 reads UTF-8, which has no lone surrogates.
    return use(compiled, text.encode("utf-8", "replace").decode())


@_family.function(
    "matches",
    "input: string",
    "pattern: string",
    "flags: string?!",
    gives="boolean",
    summary="Whether a pattern, a regular expression of XPath, is found in a text; flags are i, m, "
    "s, x and q.",
    example='matches("foobar", "^fo*b")',
    result="true",
)
def matches(call: Call, text: str, pattern: str, flags: str | None = None) -> Any:
    """Found anywhere."""
    return _with_pattern(
        call, text, pattern, flags, lambda compiled, usable: compiled.search(usable) is not None
    )


@_family.function(
    "replace",
    "input: string",
    "pattern: string",
    "replacement: string",
    "flags: string?!",
    gives="string",
    summary="A text with each place of a pattern replaced; $1 to $9 stand for the groups, $0 for "
    "all of it.",
    example='replace("0794561234", "(\\d{3})(\\d{3})", "$1 $2 ")',
    result='"079 456 1234"',
)
def replace(call: Call, text: str, pattern: str, replacement: str, flags: str | None = None) -> Any:
    """Every place."""

    def use(compiled: Any, usable: str) -> Any:
        if compiled.search("") is not None:
            return call.fail("the pattern matches the empty text")
        try:
            parts = _template(replacement, compiled.groups, literal="q" in (flags or ""))
        except PatternError as error:
            return call.fail(str(error))
        result: list[str] = []
        last = 0
        for found in compiled.finditer(usable):
            start, end = found.span()
            pieces = [usable[last:start]]
            pieces += [one if isinstance(one, str) else found.group(one) or "" for one in parts]
            call.runtime.spend(_MATCH + 5 * len(parts))
            call.runtime.make_text(sum(map(len, pieces)))
            result += pieces
            last = end
        call.runtime.make_text(len(usable) - last)
        return "".join((*result, usable[last:]))

    return _with_pattern(call, text, pattern, flags, use)


def _template(replacement: str, groups: int, *, literal: bool) -> list[str | int]:
    """Texts and numbers of groups."""
    if literal:
        return [replacement]
    parts: list[str | int] = []
    place = 0
    while place < len(replacement):
        character = replacement[place]
        place += 1
        if character == "\\":
            if replacement[place : place + 1] not in {"\\", "$"}:
                raise PatternError("a \\ in the replacement must be followed by \\ or $")
            parts.append(replacement[place])
            place += 1
        elif character == "$":
            end = place + 1
            if not replacement[place:end].isdecimal():
                raise PatternError("a $ in the replacement must be followed by a digit")
            while (
                replacement[end : end + 1].isdecimal()
                and int(replacement[place : end + 1]) <= groups
            ):
                end += 1
            number = int(replacement[place:end])
            parts.append(number if number <= groups else "")
            place = end
        else:
            parts.append(character)
    return parts


@_family.function(
    "split",
    "string: string",
    "delimiter: string",
    gives="list",
    summary="The parts of a text between the places of a pattern.",
    example='split("John Doe", "\\s")',
    result='["John", "Doe"]',
)
def split(call: Call, text: str, delimiter: str) -> Any:
    """By a pattern."""

    def use(compiled: Any, usable: str) -> Any:
        if compiled.search("") is not None:
            return call.fail("the delimiter matches the empty text")
        parts: list[str] = []
        last = 0
        call.runtime.make_text(len(usable))
        for found in compiled.finditer(usable):
            call.runtime.make_items(1)
            call.runtime.spend(_MATCH)
            parts.append(usable[last : found.start()])
            last = found.end()
        return [*parts, usable[last:]]

    return _with_pattern(call, text, delimiter, None, use)


@_camunda.function(
    "extract",
    "string: string",
    "pattern: string",
    gives="list",
    summary="All parts of a text that a pattern matches.",
    example='extract("this is 1234 and 77", "[0-9]+")',
    result='["1234", "77"]',
)
def extract(call: Call, text: str, pattern: str) -> Any:
    """Every match."""

    def use(compiled: Any, usable: str) -> Any:
        call.runtime.make_text(len(usable))
        parts: list[str] = []
        for found in compiled.finditer(usable):
            call.runtime.make_items(1)
            call.runtime.spend(_MATCH)
            parts.append(found.group(0))
        return parts

    return _with_pattern(call, text, pattern, None, use)
