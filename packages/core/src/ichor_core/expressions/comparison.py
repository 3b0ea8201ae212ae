"""The evaluator of conditions: compares the fields of a subject.

A missing field counts as null. Null equals only null; every ordering, `contains`, `starts_with` and
`ends_with` of null is false. Ordering compares numbers with numbers and text with text; anything
else is an error, not a silent false. Numbers compare by value: 1 is 1.0, but `true` is not 1.
"""

from typing import Any, Literal, cast

from ichor_core.errors import ConditionError
from ichor_core.expressions.condition import NEGATED_OPERATORS, Comparison, Condition, Operator
from ichor_core.expressions.kinds import exact_number, is_number, kind_of
from ichor_core.expressions.paths import Lookup


def condition_holds(condition: Condition, lookup: Lookup) -> bool:
    """Say whether the condition holds; members are tried in order, lazily.

    Raises:
        ConditionError: values of kinds that cannot be compared; the message names field and values.
    """
    if isinstance(condition, Comparison):
        return _compare(condition, lookup(condition.field))
    if condition.kind == "not":
        return not condition_holds(condition.members[0], lookup)
    if condition.kind == "all":
        return all(condition_holds(member, lookup) for member in condition.members)
    return any(condition_holds(member, lookup) for member in condition.members)


def _compare(comparison: Comparison, actual: Any) -> bool:
    negated = NEGATED_OPERATORS.get(comparison.operator)
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
    if is_number(left) and is_number(right):
        return exact_number(left) == exact_number(right)
    if isinstance(left, list) and isinstance(right, list):
        lefts, rights = cast(list[Any], left), cast(list[Any], right)
        return len(lefts) == len(rights) and all(map(is_equal, lefts, rights))
    if isinstance(left, dict) and isinstance(right, dict):
        one, other = cast(dict[str, Any], left), cast(dict[str, Any], right)
        return one.keys() == other.keys() and all(is_equal(one[key], other[key]) for key in one)
    return type(cast(object, left)) is type(cast(object, right)) and left == right


def _order(high: Any, low: Any, comparison: Comparison, *, least: Literal[0, 1]) -> bool:
    """Say whether high - low is at least 0 (or: more than 0)."""
    if high is None or low is None:
        return False
    if is_number(high) and is_number(low):
        first, second = exact_number(high), exact_number(low)
        return first > second if least else first >= second
    if isinstance(high, str) and isinstance(low, str):
        return high > low if least else high >= low
    raise ConditionError(
        f"{comparison.operator} cannot compare field {comparison.field!r}: "
        f"{kind_of(high)} with {kind_of(low)}",
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
        f"field {comparison.field!r} is {kind_of(actual)} and cannot contain {kind_of(expected)}",
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
        f"{operator} needs text, but field {comparison.field!r} is {kind_of(actual)} "
        f"and the value is {kind_of(expected)}",
        comparison.path,
    )


def _items(value: Any, comparison: Comparison) -> list[Any]:
    if isinstance(value, list):
        return cast(list[Any], value)
    raise ConditionError(
        f"{comparison.operator} needs a list, not {kind_of(value)}", f"{comparison.path}.value"
    )


def _bounds(value: Any, comparison: Comparison) -> tuple[Any, Any]:
    bounds = _items(value, comparison)
    if len(bounds) != 2:
        raise ConditionError("between needs a list of two", f"{comparison.path}.value")
    return bounds[0], bounds[1]
