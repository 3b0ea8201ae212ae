"""Templates: ``{{ reference | filter: argument | … }}`` in the strings of a config.

A reference is ``action_name``, ``action_name.field.0.name``, ``trigger_field``, ``trigger.field``
or a literal in quotes. A name with one of ``. | [ ] { } "`` in it may be quoted:
``{{ "Check | stock".level }}``. A string that is exactly one template keeps the type of its value;
otherwise values are rendered as text. Inserted values are never scanned again. There are no loops,
no calls, no attributes and no evaluation; the cost is linear in the text.
"""

from typing import Any, cast

from ichor_core.errors import TemplateError
from ichor_core.explain import listed
from ichor_core.expressions.context import MergedContext
from ichor_core.expressions.filters import apply_filter
from ichor_core.expressions.paths import (
    MISSING,
    Lookup,
    Reference,
    parse_reference,
    step_into,
    target_of,
)
from ichor_core.expressions.rendering import render_text
from ichor_core.expressions.syntax import Expression, parse_at

MAX_RENDERED = 1024 * 1024
"""Longest rendered string, in characters."""


def resolve_templates(value: Any, context: MergedContext, path: str = "$") -> Any:
    """Return a config with every template in its strings replaced.

    Raises:
        TemplateError: a template that does not parse, a filter that does not fit the value, or a
            reference that finds nothing and has no default; with the place and existing names.
    """
    if isinstance(value, str):
        return _resolve_text(value, context, path) if "{{" in value else value
    if isinstance(value, dict):
        entries = cast(dict[str, Any], value)
        return {
            key: resolve_templates(inner, context, f"{path}.{key}")
            for key, inner in entries.items()
        }
    if isinstance(value, list):
        items = cast(list[Any], value)
        return [resolve_templates(inner, context, f"{path}[{n}]") for n, inner in enumerate(items)]
    return value


def _resolve_text(text: str, context: MergedContext, path: str) -> Any:
    parts = parse_at(text, path)
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
                raise TemplateError(f"the rendered text is longer than {MAX_RENDERED} characters")
            rendered.append(piece)
        return "".join(rendered)
    except TemplateError as error:
        raise TemplateError(error.message, error.path or path) from None


def evaluate_expression(expression: Expression, context: MergedContext) -> Any:
    """Return the value of an expression.

    Raises:
        TemplateError: see `resolve_templates`.
    """
    if expression.literal is not None:
        value, missing = expression.literal, ""
    else:
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


def context_lookup(context: MergedContext) -> Lookup:
    """Return the lookup of references without braces, for conditions; missing is None."""

    def lookup(text: str) -> Any:
        value, _ = _find(parse_reference(text), context)
        return None if value is MISSING else value

    return lookup


def _find(reference: Reference, context: MergedContext) -> tuple[Any, str]:
    """Return the value, or MISSING and a message that names the existing keys."""
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
        inner = step_into(value, part)
        if inner is MISSING:
            known = dict.fromkeys(context.trigger_fields) if value is context.trigger_data else {}
            return MISSING, (
                f"'{reference}' is missing: {place} has no {part!r}; {_content(known or value)}"
            )
        value, place = inner, f"{place}, {part!r}"
    return value, ""


def _content(value: Any) -> str:
    if isinstance(value, dict):
        keys = list(cast(dict[str, Any], value))
        return f"it has {listed(keys)}" if keys else "it is empty"
    if isinstance(value, list):
        return f"it is a list of {len(cast(list[Any], value))}"
    return f"it is {render_text(value)[:40] or 'null'}, not an object"
