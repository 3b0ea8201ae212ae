"""How templates and references are written; `expressions.template` says what they mean."""

from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import Any, cast

from msgspec import Struct

from ichor_core import exact_json
from ichor_core.errors import ExactJsonError, TemplateError
from ichor_core.expressions.filters import check_filter

MAX_EXPRESSION = 2000
"""Characters that one expression between braces may have."""
TRIGGER = "trigger"
"""The first part of a reference that means the trigger data, whatever actions are called."""


class Reference(Struct, frozen=True):
    """A path as it is written, with its first part set off where that was quoted."""

    text: str
    """The whole path; without the first part if that was quoted."""
    quoted_name: str | None = None

    def __str__(self) -> str:
        return self.text if self.quoted_name is None else f'"{self.quoted_name}"{self.text}'


class Target(Struct, frozen=True):
    """What a reference means in a given graph."""

    action: str | None
    """The action's name; None: the trigger data."""
    path: tuple[str, ...]
    """Keys and list indexes below the action's result or the trigger data."""


class Filter(Struct, frozen=True):
    """A filter's name and its literal arguments."""

    name: str
    arguments: tuple[Any, ...] = ()


class Expression(Struct, frozen=True):
    """What stands between one pair of braces."""

    source: str
    head: Reference | None
    literal: Any = None
    """The value, where the expression starts with a literal instead of a reference."""
    filters: tuple[Filter, ...] = ()

    @property
    def has_default(self) -> bool:
        """Whether a missing value is provided for."""
        return any(step.name == "default" for step in self.filters)


Part = str | Expression


def target_of(reference: Reference, action_names: Collection[str]) -> Target:
    """Return what the reference means among actions with these names.

    `trigger` is always the trigger data. Otherwise the longest name that the path begins with wins,
    and a path that begins with no name is a path into the trigger data.
    """
    if reference.quoted_name is not None:
        if reference.quoted_name in action_names:
            return Target(reference.quoted_name, _split(reference.text))
        return Target(None, (reference.quoted_name, *_split(reference.text)))
    text = reference.text
    ends = [index for index, char in enumerate(text) if char in ".["] + [len(text)]
    if text[: ends[0]].strip() == TRIGGER:
        return Target(None, _split(text[ends[0] :]))
    for end in reversed(ends):
        name = text[:end].strip()
        if name in action_names:
            return Target(name, _split(text[end:]))
    return Target(None, _split("." + text))


def _split(path: str) -> tuple[str, ...]:
    """Split ``.a.b[0]`` into its keys and indexes."""
    plain = path.replace("[", ".").replace("]", "")
    return tuple(part.strip() for part in plain.split(".")[1:])


def is_template(value: Any) -> bool:
    """Say whether a value is a text with a template."""
    return isinstance(value, str) and "{{" in value


def why_braces(name: str) -> str | None:
    """Return what is wrong with a reference without braces that has some, or None."""
    plain = name.strip()
    if "{{" not in plain or plain.startswith('"'):
        return None
    bare = plain.replace("{{", "").replace("}}", "").partition("|")[0].strip()
    return f"{plain[:80]!r} has braces; a field is named without them: {bare[:80]}"


def parse_reference(text: str) -> Reference:
    """Read a reference that stands alone, without braces.

    Raises:
        TemplateError: it is empty, or has braces or filters.
    """
    reason = why_braces(text)
    if reason is not None:
        raise TemplateError(reason)
    expression = parse_expression(text)
    if expression.head is None or expression.filters:
        raise TemplateError(f"{text!r} is not a plain reference such as order.total")
    return expression.head


@lru_cache(maxsize=4096)
def parse_template(text: str) -> tuple[Part, ...]:
    """Split a string into plain text and expressions.

    Raises:
        TemplateError: braces that do not close, an unknown filter, an unreadable argument.
    """
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
    """Return where the braces close, passing over quoted text."""
    position = start
    limit = min(len(text), start + MAX_EXPRESSION)
    while position < limit:
        char = text[position]
        if char == '"':
            position = _end_of_string(text, position)
        elif text.startswith("}}", position):
            return position
        else:
            position += 1
    if limit < len(text):
        raise TemplateError(f"an expression is longer than {MAX_EXPRESSION} characters")
    raise TemplateError(f"'{text[start - 2 : start + 38]}' opens braces that never close")


def _end_of_string(text: str, start: int) -> int:
    position = start + 1
    while position < len(text):
        if text[position] == "\\":
            position += 2
        elif text[position] == '"':
            return position + 1
        else:
            position += 1
    raise TemplateError(f"the quoted text {text[start : start + 40]} never ends")


@lru_cache(maxsize=4096)
def parse_expression(source: str) -> Expression:
    """Read what stands between braces.

    Raises:
        TemplateError: see `parse_template`.
    """
    head, *steps = _split_outside_quotes(source, "|")
    head = head.strip()
    filters = tuple(_parse_filter(step, source) for step in steps)
    if not head:
        raise TemplateError(f"'{{{{{source}}}}}' names nothing between its braces")
    if not head.startswith('"'):
        if "{" in head or "}" in head:
            raise TemplateError(f"'{{{{{source}}}}}' has braces inside its braces")
        return Expression(source.strip(), Reference(head), None, filters)
    end = _end_of_string(head, 0)
    literal, rest = cast(str, _literal(head[:end], source)), head[end:].strip()
    if not rest:
        return Expression(source.strip(), Reference("", literal), literal, filters)
    if rest[0] not in ".[":
        raise TemplateError(f"'{{{{{source}}}}}': expected . or [ behind the quoted name")
    return Expression(source.strip(), Reference(rest, literal), None, filters)


def _parse_filter(text: str, source: str) -> Filter:
    name, colon, rest = text.partition(":")
    arguments = (
        tuple(_literal(part.strip(), source) for part in _split_outside_quotes(rest, ","))
        if colon
        else ()
    )
    problem = check_filter(name.strip(), arguments)
    if problem:
        raise TemplateError(f"'{{{{{source.strip()}}}}}': {problem}")
    return Filter(name.strip(), arguments)


def _literal(text: str, source: str) -> Any:
    try:
        return exact_json.decode(text)
    except ExactJsonError as error:
        raise TemplateError(
            f"'{{{{{source.strip()}}}}}': {text or 'nothing'} is not a literal; write text in "
            "double quotes, a number, true, false or null"
        ) from error


def _split_outside_quotes(text: str, separator: str) -> Iterator[str]:
    start = position = 0
    while position < len(text):
        if text[position] == '"':
            position = _end_of_string(text, position)
            continue
        if text[position] == separator:
            yield text[start:position]
            start = position + 1
        position += 1
    yield text[start:]


def find_expressions(value: Any, path: str = "$") -> Iterator[tuple[str, Expression]]:
    """Yield every expression in a config with its place, in the order of the config.

    Raises:
        TemplateError: with the place of the string that does not parse.
    """
    if isinstance(value, str):
        if "{{" in value:
            for part in parse_at(value, path):
                if isinstance(part, Expression):
                    yield path, part
    elif isinstance(value, dict):
        for key, inner in cast(dict[str, Any], value).items():
            yield from find_expressions(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for index, inner in enumerate(cast(list[Any], value)):
            yield from find_expressions(inner, f"{path}[{index}]")


def parse_at(text: str, path: str) -> tuple[Part, ...]:
    """Do as `parse_template`; an error says that it happened at `path`."""
    try:
        return parse_template(text)
    except TemplateError as error:
        raise TemplateError(error.message, error.path or path) from None
