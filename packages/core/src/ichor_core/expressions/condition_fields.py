"""The fields that a condition names."""

from collections.abc import Iterator

from ichor_core.errors import ConditionError
from ichor_core.expressions.condition import Comparison, Condition
from ichor_core.expressions.syntax import why_braces


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
