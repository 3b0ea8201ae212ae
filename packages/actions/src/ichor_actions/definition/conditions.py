"""Conditions in configs."""

from typing import Annotated, Any

from msgspec import Meta

from ichor_actions.attempt import ActionAttempt
from ichor_core.expressions import Condition, check_fields, parse_condition
from ichor_core.formats import CONDITION

ConditionData = Annotated[
    Any,
    Meta(
        description="A comparison {field, operator, value}, or {all: […]}, {any: […]}, {not: …}.",
        extra_json_schema={"type": ["object", "array"], "format": CONDITION},
    ),
]
"""A condition in the language of `ichor_core.expressions.condition`, as plain data."""


def read_condition(data: Any, attempt: ActionAttempt, key: str) -> Condition:
    """Read the condition under a key of the config.

    Templates may stand in values only, not for a condition or a part of one: which fields it
    compares is part of the graph. Otherwise a field could refer to a result that was not sent
    here, and data could widen a condition to every row.

    Raises:
        ConditionError: the written condition, or the one with its values, is invalid; a field is
            named with braces.
    """
    check_fields(parse_condition(attempt.written.get(key), f"$.{key}"))
    return parse_condition(data, f"$.{key}")
