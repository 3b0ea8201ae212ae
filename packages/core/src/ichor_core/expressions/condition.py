"""Conditions: one language and one evaluator for triggers, actions, `where` clauses, simulation.

A condition is a comparison or a group of conditions::

    {"field": "customer.tier", "operator": "in", "value": ["gold", "platinum"]}
    {"all": [ … ]}    {"any": [ … ]}    {"not": { … }}

`field` is a path into the subject: the trigger data, the context of an action, or a table row. A
field that is not there counts as null. Null equals only null; every ordering, `contains`,
`starts_with` and `ends_with` of null is false. Ordering compares numbers with numbers and text with
text; anything else is an error, not a silent false. Numbers compare by value, whatever their type;
`true` is not 1.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Literal, cast, get_args

from msgspec import Struct

from ichor_core.errors import ConditionError
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
_NEGATED: Mapping[Operator, Operator] = {
    "not_equals": "equals",
    "not_in": "in",
    "not_contains": "contains",
    "is_not_null": "is_null",
    "is_not_empty": "is_empty",
}

MAX_DEPTH = 50
"""Groups may be nested this deep."""

Lookup = Callable[[str], Any]
"""Gives the value of a field, None where it is not there."""


class Comparison(Struct, frozen=True):
    """A field compared with a value."""

    field: str
    operator: Operator
    value: Any = None
    path: str = "$"
    """Where it stands in the condition, for messages."""


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
        ConditionError: with the place and what is expected there.
    """
    if data is None or data == {}:
        return ALWAYS
    return _parse(data, path, 0)


def _parse(data: Any, path: str, depth: int) -> Condition:
    if depth > MAX_DEPTH:
        raise ConditionError(f"conditions are nested deeper than {MAX_DEPTH}", path)
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
    operator = entries.get("operator")
    if operator not in OPERATORS:
        raise ConditionError(
            f"unknown operator {operator!r}; known: {', '.join(OPERATORS)}", f"{path}.operator"
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
            raise ConditionError(f"unknown key {key!r} beside {', '.join(sorted(allowed))}", path)


def evaluate(condition: Condition, lookup: Lookup) -> bool:
    """Say whether the subject fulfils the condition; members are tried in order, lazily.

    Raises:
        ConditionError: values of kinds that cannot be compared; the message names field and values.
    """
    if isinstance(condition, Comparison):
        return _compare(condition, lookup(condition.field))
    if condition.kind == "not":
        return not evaluate(condition.members[0], lookup)
    if condition.kind == "all":
        return all(evaluate(member, lookup) for member in condition.members)
    return any(evaluate(member, lookup) for member in condition.members)


def lookup_in(subject: Mapping[str, Any]) -> Lookup:
    """Return a lookup of dotted paths in an object: ``a.b``, ``items.0.sku``."""

    def lookup(path: str) -> Any:
        value: Any = subject
        if path in subject:
            return subject[path]
        for part in path.split("."):
            if isinstance(value, Mapping):
                value = cast(Mapping[str, Any], value).get(part)
            elif isinstance(value, list) and part.isdecimal():
                items = cast(list[Any], value)
                value = items[int(part)] if int(part) < len(items) else None
            else:
                return None
        return value

    return lookup


def _compare(comparison: Comparison, actual: Any) -> bool:
    negated = _NEGATED.get(comparison.operator)
    if negated is not None:
        return not _holds(negated, actual, comparison)
    return _holds(comparison.operator, actual, comparison)


def _holds(operator: Operator, actual: Any, comparison: Comparison) -> bool:
    expected = comparison.value
    match operator:
        case "is_null":
            return actual is None
        case "is_empty":
            return actual is None or is_blank(actual)
        case "equals":
            return is_equal(actual, expected)
        case "in":
            return any(is_equal(actual, item) for item in _items(expected, comparison))
        case "between":
            low, high = _bounds(expected, comparison)
            return _order(actual, low, comparison, least=0) and _order(
                high, actual, comparison, least=0
            )
        case "greater_than":
            return _order(actual, expected, comparison, least=1)
        case "greater_than_or_equal":
            return _order(actual, expected, comparison, least=0)
        case "less_than":
            return _order(expected, actual, comparison, least=1)
        case "less_than_or_equal":
            return _order(expected, actual, comparison, least=0)
        case "contains":
            return _contains(actual, expected, comparison)
        case _:
            return _affix(operator, actual, expected, comparison)


def is_blank(value: Any) -> bool:
    """Say whether the value is empty text, an empty list or an empty object."""
    return value in ("", [], {})


def is_equal(left: Any, right: Any) -> bool:
    """Say whether two plain values are equal as JSON: 1 is 1.0, but `true` is not 1."""
    if _is_number(left) and _is_number(right):
        return _number(left) == _number(right)
    if isinstance(left, list) and isinstance(right, list):
        lefts, rights = cast(list[Any], left), cast(list[Any], right)
        return len(lefts) == len(rights) and all(map(is_equal, lefts, rights))
    if isinstance(left, dict) and isinstance(right, dict):
        one, other = cast(dict[str, Any], left), cast(dict[str, Any], right)
        return one.keys() == other.keys() and all(is_equal(one[key], other[key]) for key in one)
    return type(cast(object, left)) is type(cast(object, right)) and left == right


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _number(value: Any) -> int | Decimal:
    """Return the decimal number that is written, not the binary one behind it."""
    return Decimal(repr(value)) if isinstance(value, float) else cast(int | Decimal, value)


def _order(high: Any, low: Any, comparison: Comparison, *, least: Literal[0, 1]) -> bool:
    """Say whether high - low is at least 0 (or: more than 0)."""
    if high is None or low is None:
        return False
    if _is_number(high) and _is_number(low):
        first, second = _number(high), _number(low)
        return first > second if least else first >= second
    if isinstance(high, str) and isinstance(low, str):
        return high > low if least else high >= low
    raise ConditionError(
        f"{comparison.operator} cannot compare field {comparison.field!r}: "
        f"{_kind(high)} with {_kind(low)}",
        comparison.path,
    )


def _contains(actual: Any, expected: Any, comparison: Comparison) -> bool:
    if actual is None:
        return False
    if isinstance(actual, str) and isinstance(expected, str):
        return expected in actual
    if isinstance(actual, list):
        return any(is_equal(item, expected) for item in cast(list[Any], actual))
    if isinstance(actual, dict) and isinstance(expected, str):
        return expected in actual
    raise ConditionError(
        f"field {comparison.field!r} is {_kind(actual)}, which cannot contain {_kind(expected)}",
        comparison.path,
    )


def _affix(operator: Operator, actual: Any, expected: Any, comparison: Comparison) -> bool:
    if actual is None:
        return False
    if isinstance(actual, str) and isinstance(expected, str):
        return (
            actual.startswith(expected) if operator == "starts_with" else actual.endswith(expected)
        )
    raise ConditionError(
        f"{operator} needs text, but field {comparison.field!r} is {_kind(actual)} "
        f"and the value is {_kind(expected)}",
        comparison.path,
    )


def _items(value: Any, comparison: Comparison) -> list[Any]:
    if isinstance(value, list):
        return cast(list[Any], value)
    raise ConditionError(
        f"{comparison.operator} needs a list, not {_kind(value)}", f"{comparison.path}.value"
    )


def _bounds(value: Any, comparison: Comparison) -> tuple[Any, Any]:
    bounds = _items(value, comparison)
    if len(bounds) != 2:
        raise ConditionError("between needs a list of two", f"{comparison.path}.value")
    return bounds[0], bounds[1]


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if _is_number(value):
        return "a number"
    names: dict[type[Any], str] = {str: "text", list: "a list", dict: "an object"}
    return names.get(cast(type[Any], type(value)), type(value).__name__)
