"""Syntax of templates: text, and expressions between braces with their filters."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, cast

from msgspec import Struct

from ichor_core.errors import TemplateError
from ichor_core.expressions.filters import check_filter
from ichor_core.expressions.paths import Reference, read_reference
from ichor_core.expressions.quoting import end_of_string, read_literal, split_outside_quotes

MAX_EXPRESSION = 2000
"""Longest expression between braces, in characters."""
MAX_EXPRESSIONS = 10_000
"""Most expressions in one text."""
KEPT_LENGTH = 256
"""Longest text whose parsed form is kept, in characters."""
KEPT_TEXTS = 1_024
"""Most texts whose parsed form is kept: some 30 MB at worst, 1 MB as templates are."""


class Filter(Struct, frozen=True):
    """A filter's name and its literal arguments."""

    name: str
    arguments: tuple[Any, ...] = ()


class Expression(Struct, frozen=True):
    """The reference between one pair of braces, and its filters."""

    source: str
    head: Reference
    literal: str | None = None
    """The text, where quoted text is all there is: it names no action, whatever they are called."""
    filters: tuple[Filter, ...] = ()

    @property
    def has_default(self) -> bool:
        """Whether a missing value has a default: its first filter, as others fail before it."""
        return bool(self.filters) and self.filters[0].name == "default"

    @property
    def has_late_default(self) -> bool:
        """Whether it has a default, but another filter first."""
        return not self.has_default and any(step.name == "default" for step in self.filters)


Part = str | Expression


def is_template(value: Any) -> bool:
    """Say whether a value is a text with a template."""
    return isinstance(value, str) and "{{" in value


def parse_template(text: str) -> tuple[Part, ...]:
    """Split a string into plain text and expressions.

    Raises:
        TemplateError: braces that do not close, too many of them, an unknown filter, an unreadable
            argument.
    """
    return _parse_kept(text) if len(text) <= KEPT_LENGTH else _parse(text)


@lru_cache(maxsize=KEPT_TEXTS)
def _parse_kept(text: str) -> tuple[Part, ...]:
    return _parse(text)


def _parse(text: str) -> tuple[Part, ...]:
    if text.count("{{") > MAX_EXPRESSIONS:
        raise TemplateError(f"a text has more than {MAX_EXPRESSIONS} expressions")
    parts: list[Part] = []
    position = 0
    while (opening := text.find("{{", position)) >= 0:
        if opening > position:
            parts.append(text[position:opening])
        closing = _closing(text, opening + 2)
        parts.append(parse_expression(text[opening + 2 : closing]))
        position = closing + 2
    if position < len(text):
        parts.append(text[position:])
    return tuple(parts)


def _closing(text: str, start: int) -> int:
    """Return the position of the closing braces, passing over quoted text."""
    position = start
    limit = min(len(text), start + MAX_EXPRESSION)
    while position < limit:
        char = text[position]
        if char == '"':
            position = end_of_string(text, position)
        elif text.startswith("}}", position):
            return position
        else:
            position += 1
    if limit < len(text):
        raise TemplateError(f"an expression is longer than {MAX_EXPRESSION} characters")
    raise TemplateError(f"'{text[start - 2 : start + 38]}' opens braces that are never closed")


def parse_expression(source: str) -> Expression:
    """Read the expression between one pair of braces.

    Raises:
        TemplateError: see `parse_template`.
    """
    head, *steps = split_outside_quotes(source, "|")
    filters = tuple(_parse_filter(step, source) for step in steps)
    reference = read_reference(head, source)
    literal = None if reference.text else reference.quoted_name
    return Expression(source.strip(), reference, literal, filters)


def _parse_filter(text: str, source: str) -> Filter:
    name, colon, rest = text.partition(":")
    arguments = (
        tuple(read_literal(part.strip(), source) for part in split_outside_quotes(rest, ","))
        if colon
        else ()
    )
    problem = check_filter(name.strip(), arguments)
    if problem:
        raise TemplateError(f"'{{{{{source.strip()}}}}}': {problem}")
    return Filter(name.strip(), arguments)


def find_templates(value: Any, path: str = "$") -> Iterator[tuple[str, str]]:
    """Yield the place and the text of every string with a template, in the order of the config."""
    if isinstance(value, str):
        if "{{" in value:
            yield path, value
    elif isinstance(value, dict):
        for key, inner in cast(dict[str, Any], value).items():
            yield from find_templates(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for index, inner in enumerate(cast(list[Any], value)):
            yield from find_templates(inner, f"{path}[{index}]")


def parse_at(text: str, path: str) -> tuple[Part, ...]:
    """Parse as `parse_template` does, with errors that name `path`."""
    try:
        return parse_template(text)
    except TemplateError as error:
        raise TemplateError(error.message, error.path or path) from None
