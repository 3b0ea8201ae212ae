"""The evaluator of conditions: compares the fields of a subject.

A missing field counts as null. Null equals only null; every ordering, `contains`, `starts_with` and
`ends_with` of null is false. Ordering compares numbers with numbers and text with text; anything
else is an error, not a silent false. Numbers compare by value: 1 is 1.0, but `true` is not 1.
A condition on large data has a budget of comparisons; texts in lists are found without one each.
"""

from typing import Any, Literal, cast

from ichor_core.errors import ConditionError
from ichor_core.expressions.condition import NEGATED_OPERATORS, Comparison, Condition, Operator
from ichor_core.expressions.kinds import exact_number, is_number, kind_of
from ichor_core.expressions.paths import Lookup

MAX_STEPS = 1_000_000
"""Steps of one condition: comparing two plain values is one."""
CHEAP = 50
"""Items of a list that are compared with a text, or characters of two texts, in one step."""


class Budget:
    """The steps that comparisons may still take.

    Args:
        steps: what may be spent.
    """

    def __init__(self, steps: int = MAX_STEPS) -> None:
        self.left = steps

    def spend(self, steps: int = 1) -> None:
        """Take some steps off.

        Raises:
            ConditionError: no more are left.
        """
        self.left -= steps
        if self.left < 0:
            raise ConditionError(
                "the condition compares too many values: its lists, and those of the data, are "
                "too long for one another"
            )


def condition_holds(condition: Condition, lookup: Lookup, budget: Budget | None = None) -> bool:
    """Say whether the condition holds; members are tried in order, lazily.

    Args:
        condition: the condition.
        lookup: finds the values of its fields.
        budget: the steps that it may take; one for several conditions bounds all of them.

    Raises:
        ConditionError: values of kinds that cannot be compared, the message names field and values;
            or too many of them.
    """
    budget = budget or Budget()
    if isinstance(condition, Comparison):
        budget.spend()
        return _compare(condition, lookup(condition.field), budget)
    if condition.kind == "not":
        return not condition_holds(condition.members[0], lookup, budget)
    if condition.kind == "all":
        return all(condition_holds(member, lookup, budget) for member in condition.members)
    return any(condition_holds(member, lookup, budget) for member in condition.members)


def _compare(comparison: Comparison, actual: Any, budget: Budget) -> bool:
    negated = NEGATED_OPERATORS.get(comparison.operator)
    try:
        if negated is not None:
            return not _holds(negated, actual, comparison, budget)
        return _holds(comparison.operator, actual, comparison, budget)
    except ConditionError as error:
        raise ConditionError(error.message, error.path or comparison.path) from None


def _holds(operator: Operator, actual: Any, comparison: Comparison, budget: Budget) -> bool:
    expected = comparison.value
    match operator:
        case "is_null":
            return actual is None
        case "is_empty":
            return actual is None or is_blank(actual)
        case "equals":
            return is_equal(actual, expected, budget)
        case "in":
            return _is_in(_items(expected, comparison), actual, budget)
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
            return _contains(actual, expected, comparison, budget)
        case _:
            return _affix(operator, actual, expected, comparison)


def is_blank(value: Any) -> bool:
    """Say whether the value is empty text, an empty list or an empty object."""
    return value in ("", [], {})


def is_equal(left: Any, right: Any, budget: Budget | None = None) -> bool:
    """Say whether two plain values are equal as JSON: 1 is 1.0, but `true` is not 1.

    Raises:
        ConditionError: the budget is spent.
    """
    if budget is not None:
        budget.spend()
    if is_number(left) and is_number(right):
        return exact_number(left) == exact_number(right)
    if isinstance(left, list) and isinstance(right, list):
        lefts, rights = cast(list[Any], left), cast(list[Any], right)
        return len(lefts) == len(rights) and all(
            is_equal(one, other, budget) for one, other in zip(lefts, rights, strict=True)
        )
    if isinstance(left, dict) and isinstance(right, dict):
        one, other = cast(dict[str, Any], left), cast(dict[str, Any], right)
        return one.keys() == other.keys() and all(
            is_equal(one[key], other[key], budget) for key in one
        )
    if isinstance(left, str) and isinstance(right, str):
        if budget is not None and len(left) == len(right):
            budget.spend(len(left) // (CHEAP * CHEAP))
        return left == right
    return type(cast(object, left)) is type(cast(object, right)) and left == right


def _is_in(items: list[Any], value: Any, budget: Budget) -> bool:
    if isinstance(value, str):
        # Text equals nothing but text, so the language itself can look for it.
        budget.spend(len(items) // CHEAP)
        return value in items
    return any(is_equal(item, value, budget) for item in items)


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


def _contains(actual: Any, expected: Any, comparison: Comparison, budget: Budget) -> bool:
    if actual is None:
        return False
    if isinstance(actual, str) and isinstance(expected, str):
        budget.spend(len(actual) // (CHEAP * CHEAP))
        return expected in actual
    if isinstance(actual, list):
        return _is_in(cast(list[Any], actual), expected, budget)
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
