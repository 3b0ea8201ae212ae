"""docs/reference/action-types.md: what graphs can be made of."""

from collections.abc import Iterator
from typing import Any

from docs.generator.json_schema import properties_table
from docs.generator.markdown import anchor, code, page, sentence, table

from ichor_actions.builtin import builtin_actions
from ichor_actions.definition import Action, ActionSpec, StructType
from ichor_actions.resources import Resources
from ichor_core.action_type import DEFAULT_LIMITS
from ichor_core.limits import Limits

_INTRODUCTION = """\
The built-in action types. What the workers of an installation can run, its own types included, is
at `GET /api/v1/workflow/action-types`; `ichor-worker types` prints it. Texts of a config may hold
[templates](../templates.md). More on [how an action runs](../semantics.md#kinds-of-actions),
[messages](../messages.md) of kind async and [approvals](../approvals.md) of kind human.
Durations are seconds, or text of ISO 8601 such as `PT90M`, `P7D`; at most a year.

No type reads tables: send what a rule needs with the event, or let `call_webhook` ask your
application. What `create_alert` stores is read at `GET /api/v1/workflow/alerts`."""
_LIMITS = """\
A node's `limits` go before those of its type, and these before those of its kind: seconds, except
`backoff`, a factor, and `max_attempts`. Kind `async` has no heartbeat; the limits of `human` and
`timer` are those of opening and closing, not of the wait."""
_LIMIT_NAMES = tuple(Limits.__struct_fields__)


def action_types_page() -> str:
    """Return the page."""
    actions = sorted(builtin_actions(Resources()), key=lambda one: one.spec.type)
    overview = [
        (
            f"[{code(one.spec.type)}](#{anchor(one.spec.type)})",
            one.spec.kind,
            sentence(one.spec.description),
        )
        for one in actions
    ]
    return page(
        "Action types",
        _INTRODUCTION,
        table(("type", "kind", "does"), overview),
        *(part for one in actions for part in _sections(one)),
        "## Limits by kind",
        _LIMITS,
        table(
            ("kind", *map(code, _LIMIT_NAMES)),
            ((kind, *_limits(limits)) for kind, limits in DEFAULT_LIMITS.items()),
        ),
    )


def _sections(action: Action) -> Iterator[str]:
    spec = action.spec
    yield f"## {spec.type}"
    yield f"{spec.title}, kind {spec.kind}. {sentence(spec.description)}"
    yield from _facts(spec)
    yield "Config:"
    yield from _tables(spec.config, spec.action_type.config_schema)
    result = spec.result
    if result is None:
        yield "Result: an object, whose fields depend on the config."
        return
    yield "Result:"
    yield from _tables(result, spec.action_type.result_schema)


def _facts(spec: ActionSpec) -> Iterator[str]:
    own = [
        f"`{name}` {value:g}"
        for name, value in zip(_LIMIT_NAMES, _values(spec.limits), strict=True)
        if value is not None
    ]
    if own:
        yield f"Limits of its own: {', '.join(own)}."
    if spec.outcomes:
        yield f"Sets `branch_taken` to {' or '.join(map(code, spec.outcomes))}."


def _tables(struct: StructType, schema: dict[str, Any]) -> Iterator[str]:
    """Describe an object, then the objects in it."""
    inner = schema.get("$defs", {})
    for name, each in ({struct.__name__: schema} | inner | {struct.__name__: schema}).items():
        if each is not schema:
            yield f"`{name}`:"
        properties = each.get("properties", {})
        meanings = {name: one.get("description", "") for name, one in properties.items()}
        yield properties_table(each, meanings, code)


def _values(limits: Limits) -> list[float | None]:
    return [getattr(limits, name) for name in _LIMIT_NAMES]


def _limits(limits: Limits) -> list[str]:
    return ["" if value is None else f"{value:g}" for value in _values(limits)]
