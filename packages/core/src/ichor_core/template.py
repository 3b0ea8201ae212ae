"""Templates: ``{{ reference | filter: argument | … }}`` in the strings of a config.

A reference is ``action_name``, ``action_name.field.0.name``, ``trigger_field``, ``trigger.field``
or a literal in quotes. A name with one of ``. | [ ] { } "`` in it may be quoted:
``{{ "Check | stock".level }}``. A string that is exactly one template keeps the type of its value;
otherwise values are rendered as text. What was put in is never scanned again. There are no loops,
no calls, no attributes and no evaluation; the cost is linear in the text.
"""

from collections.abc import Callable, Collection, Iterator
from functools import lru_cache
from typing import Any, cast

from msgspec import Struct

from ichor_core import exact_json
from ichor_core.context import MergedContext
from ichor_core.errors import ExactJsonError, TemplateError
from ichor_core.filters import MISSING, apply_filter, check_filter, render_text

MAX_RENDERED = 1024 * 1024
"""Characters that one rendered string may have."""
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


def parse_reference(text: str) -> Reference:
    """Read a reference that stands alone, without braces.

    Raises:
        TemplateError: it is empty, or has filters.
    """
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
            for part in _parse_at(value, path):
                if isinstance(part, Expression):
                    yield path, part
    elif isinstance(value, dict):
        for key, inner in cast(dict[str, Any], value).items():
            yield from find_expressions(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for index, inner in enumerate(cast(list[Any], value)):
            yield from find_expressions(inner, f"{path}[{index}]")


def _parse_at(text: str, path: str) -> tuple[Part, ...]:
    try:
        return parse_template(text)
    except TemplateError as error:
        raise TemplateError(error.message, error.path or path) from None


def resolve(value: Any, context: MergedContext, path: str = "$") -> Any:
    """Return a config with every template in its strings replaced.

    Raises:
        TemplateError: a template that does not parse, a filter that does not fit the value, or a
            reference that finds nothing and has no default; with the place and what there is.
    """
    if isinstance(value, str):
        return _resolve_text(value, context, path) if "{{" in value else value
    if isinstance(value, dict):
        entries = cast(dict[str, Any], value)
        return {key: resolve(inner, context, f"{path}.{key}") for key, inner in entries.items()}
    if isinstance(value, list):
        items = cast(list[Any], value)
        return [resolve(inner, context, f"{path}[{n}]") for n, inner in enumerate(items)]
    return value


def _resolve_text(text: str, context: MergedContext, path: str) -> Any:
    parts = _parse_at(text, path)
    try:
        if len(parts) == 1 and isinstance(parts[0], Expression):
            return evaluate_expression(parts[0], context)
        rendered: list[str] = []
        size = 0
        for part in parts:
            piece = (
                part if isinstance(part, str) else render_text(evaluate_expression(part, context))
            )
            size += len(piece)
            if size > MAX_RENDERED:
                raise TemplateError(f"the text grows beyond {MAX_RENDERED} characters")
            rendered.append(piece)
        return "".join(rendered)
    except TemplateError as error:
        raise TemplateError(error.message, error.path or path) from None


def evaluate_expression(expression: Expression, context: MergedContext) -> Any:
    """Return the value of an expression.

    Raises:
        TemplateError: see `resolve`.
    """
    if expression.literal is not None and not _names_action(expression, context):
        value, missing = expression.literal, ""
    else:
        assert expression.head is not None
        value, missing = _find(expression.head, context)
    for step in expression.filters:
        if value is MISSING and step.name != "default":
            raise TemplateError(missing)
        try:
            value = apply_filter(step.name, value, step.arguments)
        except TemplateError as error:
            raise TemplateError(f"'{{{{{expression.source}}}}}': {error.message}") from None
    if value is MISSING:
        raise TemplateError(missing)
    return value


def _names_action(expression: Expression, context: MergedContext) -> bool:
    name = expression.head.quoted_name if expression.head else None
    return name in context.action_results or name in context.without_result


def context_lookup(context: MergedContext) -> Callable[[str], Any]:
    """Return the lookup of references without braces, for conditions; missing is None."""

    def lookup(text: str) -> Any:
        value, _ = _find(parse_reference(text), context)
        return None if value is MISSING else value

    return lookup


def _find(reference: Reference, context: MergedContext) -> tuple[Any, str]:
    """Return the value, or MISSING and the sentence that says what there is instead."""
    names = {*context.action_results, *context.without_result}
    target = target_of(reference, names)
    if target.action is None:
        value: Any = context.trigger_data
        whole = ".".join(target.path)
        if whole in context.trigger_data:  # a field whose own name has dots
            return context.trigger_data[whole], ""
        place = "the trigger data"
    elif target.action in context.action_results:
        value = context.action_results[target.action]
        place = f"the result of {target.action!r}"
    else:
        return MISSING, f"'{reference}' is missing: action {target.action!r} has not run"
    for part in target.path:
        inner = _step(value, part)
        if inner is MISSING:
            known = dict.fromkeys(context.trigger_fields) if value is context.trigger_data else {}
            return MISSING, (
                f"'{reference}' is missing: {place} has no {part!r}; {_there_is(known or value)}"
            )
        value, place = inner, f"{place}, {part!r}"
    return value, ""


def _step(value: Any, part: str) -> Any:
    if isinstance(value, dict):
        return cast(dict[str, Any], value).get(part, MISSING)
    if isinstance(value, list) and part.lstrip("-").isdecimal():
        items = cast(list[Any], value)
        index = int(part) if len(part) < 10 else len(items)
        return items[index] if -len(items) <= index < len(items) else MISSING
    return MISSING


def _there_is(value: Any) -> str:
    if isinstance(value, dict):
        keys = list(cast(dict[str, Any], value))
        shown = ", ".join(keys[:20]) + (", …" if len(keys) > 20 else "")
        return f"it has {shown}" if keys else "it is empty"
    if isinstance(value, list):
        return f"it is a list of {len(cast(list[Any], value))}"
    return f"it is {render_text(value)[:40] or 'null'}, not an object"


def is_exact(value: Any) -> bool:
    """Say whether a string is exactly one template, which keeps the type of its value."""
    if not isinstance(value, str) or "{{" not in value:
        return False
    parts = parse_template(value)
    return len(parts) == 1 and isinstance(parts[0], Expression)
