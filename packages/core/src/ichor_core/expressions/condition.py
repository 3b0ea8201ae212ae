"""Conditions: one language for triggers, actions, `where` clauses and simulation.

A condition is a comparison or a group of conditions::

    {"field": "customer.tier", "operator": "in", "value": ["gold", "platinum"]}
    {"all": [ … ]}    {"any": [ … ]}    {"not": { … }}

`field` is a path into the subject: the trigger data, the context of an action, or a table row.
`ichor_core.expressions.comparison` evaluates them.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Literal, cast, get_args

from msgspec import Struct

from ichor_core.errors import ConditionError
from ichor_core.explain import MAX_SHOWN
from ichor_core.expressions.kinds import kind_of
from ichor_core.expressions.paths import why_braces, why_too_long
from ichor_core.expressions.syntax import is_template

Operator = Literal[
    "equals",
    "not_equals",
    "greater_than",
    "greater_than_or_equal",
    "less_than",
    "less_than_or_equal",
    "between",
    "in",
    "not_in",
    "contains",
    "not_contains",
    "starts_with",
    "ends_with",
    "is_null",
    "is_not_null",
    "is_empty",
    "is_not_empty",
]
OPERATORS: tuple[Operator, ...] = get_args(Operator)
WITHOUT_VALUE: frozenset[Operator] = frozenset(
    {"is_null", "is_not_null", "is_empty", "is_not_empty"}
)
NEGATED_OPERATORS: Mapping[Operator, Operator] = {
    "not_equals": "equals",
    "not_in": "in",
    "not_contains": "contains",
    "is_not_null": "is_null",
    "is_not_empty": "is_empty",
}
"""Operator → the one that it negates."""

MAX_GROUP_DEPTH = 50
"""Deepest nesting of groups."""
MAX_CONDITIONS = 10_000
"""Most comparisons and groups in one condition."""


class Comparison(Struct, frozen=True):
    """A field compared with a value."""

    field: str
    operator: Operator
    value: Any = None
    path: str = "$"
    """Its place in the condition, for messages."""


class Group(Struct, frozen=True):
    """`all` (true if empty), `any` (false if empty) or `not` (of its only member)."""

    kind: Literal["all", "any", "not"]
    members: tuple["Condition", ...]


Condition = Comparison | Group

ALWAYS = Group("all", ())
"""The condition that is always true."""


def parse_condition(data: Any, path: str = "$") -> Condition:
    """Read a condition from plain JSON data; None and {} mean always.

    Raises:
        ConditionError: with the place and the expected form.
    """
    if data is None or data == {}:
        return ALWAYS
    _check_size(data, path)
    return _parse(data, path, 0)


def _check_size(data: Any, path: str) -> None:
    """Refuse a condition of too many parts before any of them is read."""
    stack, count = [data], 0
    while stack:
        count += 1
        if count > MAX_CONDITIONS:
            raise ConditionError(f"a condition has more than {MAX_CONDITIONS} parts", path)
        one = stack.pop()
        if isinstance(one, list):
            stack.extend(cast(list[Any], one)[: MAX_CONDITIONS + 1])
        elif isinstance(one, dict):
            entries = cast(dict[str, Any], one)
            stack.extend(entries[kind] for kind in ("all", "any", "not") if kind in entries)


def _parse(data: Any, path: str, depth: int) -> Condition:
    if depth > MAX_GROUP_DEPTH:
        raise ConditionError(f"conditions are nested deeper than {MAX_GROUP_DEPTH}", path)
    if isinstance(data, list):
        return _parse_group("all", data, path, depth)
    if not isinstance(data, dict):
        raise ConditionError("expected a comparison or one of all, any, not", path)
    entries = cast(dict[str, Any], data)
    for kind in ("all", "any", "not"):
        if kind in entries:
            _only(entries, {kind}, path)
            return _parse_group(kind, entries[kind], f"{path}.{kind}", depth)
    return _parse_comparison(entries, path)


def _parse_group(kind: Literal["all", "any", "not"], data: Any, path: str, depth: int) -> Group:
    if kind == "not":
        return Group(kind, (_parse(data, path, depth + 1),))
    if not isinstance(data, list):
        raise ConditionError("expected a list of conditions", path)
    members = cast(list[Any], data)
    return Group(
        kind,
        tuple(_parse(member, f"{path}[{n}]", depth + 1) for n, member in enumerate(members)),
    )


def _parse_comparison(entries: dict[str, Any], path: str) -> Comparison:
    _only(entries, {"field", "operator", "value"}, path)
    name = entries.get("field")
    if not isinstance(name, str) or not name.strip():
        raise ConditionError("expected the name of a field", f"{path}.field")
    too_long = why_too_long(name.strip())
    if too_long is not None:
        raise ConditionError(too_long, f"{path}.field")
    operator = entries.get("operator")
    if operator not in OPERATORS:
        raise ConditionError(
            f"unknown operator {_shown(operator)}; known: {', '.join(OPERATORS)}",
            f"{path}.operator",
        )
    value = entries.get("value")
    if operator in WITHOUT_VALUE and value is not None:
        raise ConditionError(f"{operator} takes no value", f"{path}.value")
    if operator not in WITHOUT_VALUE and "value" not in entries:
        raise ConditionError(f"{operator} needs a value", f"{path}.value")
    if not is_template(value):
        if operator in ("in", "not_in") and not isinstance(value, list):
            raise ConditionError(f"{operator} needs a list", f"{path}.value")
        if operator == "between" and not (
            isinstance(value, list) and len(cast(list[Any], value)) == 2
        ):
            raise ConditionError("between needs a list of two: lowest and highest", f"{path}.value")
    return Comparison(name.strip(), operator, value, path)


def _only(entries: dict[str, Any], allowed: set[str], path: str) -> None:
    for key in entries:
        if key not in allowed:
            raise ConditionError(
                f"unknown key {_shown(key)}; allowed: {', '.join(sorted(allowed))}", path
            )


def _shown(value: Any) -> str:
    return repr(value[:MAX_SHOWN]) if isinstance(value, str) else kind_of(value)


def comparisons(condition: Condition) -> Iterator[Comparison]:
    """Yield every comparison of a condition, in the order in which they are written."""
    if isinstance(condition, Comparison):
        yield condition
        return
    for member in condition.members:
        yield from comparisons(member)


def check_fields(condition: Condition) -> Condition:
    """Return a condition whose fields are named as references are: without braces.

    Raises:
        ConditionError: with the place of the first that is not.
    """
    for comparison in comparisons(condition):
        reason = why_braces(comparison.field)
        if reason is not None:
            raise ConditionError(reason, f"{comparison.path}.field")
    return condition
