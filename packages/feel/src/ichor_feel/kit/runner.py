"""Running cases."""

# Values are of any kind; told apart by type, their items are still of any kind.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from ichor_feel.errors import ParseError
from ichor_feel.evaluation.limits import DEFAULT_LIMITS
from ichor_feel.evaluation.runtime import Runtime
from ichor_feel.expression import parse
from ichor_feel.kit.case import Case
from ichor_feel.kit.values import alike
from ichor_feel.syntax.type_parser import parse_type
from ichor_feel.values.coercion import coerced
from ichor_feel.values.failure import Failure

_NOW: Final = "2024-06-15T12:00:00Z"
"""For cases that only ask what kind of value `now()` is."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a case; `found` is the value, or the text of a parse error."""

    case: Case
    passed: bool
    found: Any


def run_case(case: Case) -> Outcome:
    """Evaluate a case and compare."""
    try:
        expression = parse(case.expression, case.context, types=case.types)
    except ParseError as error:
        return Outcome(case, case.expected is None and case.expects_error, f"ParseError: {error}")
    value = _converted(expression.evaluate(case.context, now=_NOW).value, case)
    return Outcome(case, alike(value, case.expected), value)


def _converted(value: Any, case: Case) -> Any:
    """The value as the decision's type has it, by the standard's implicit conversions."""
    if case.result_type is None:
        return value
    try:
        kind = parse_type(case.result_type)
    except ParseError:
        return value
    runtime = Runtime({}, None, DEFAULT_LIMITS, case.types)
    result = coerced(runtime, value, kind)
    return None if type(result) is Failure else result
