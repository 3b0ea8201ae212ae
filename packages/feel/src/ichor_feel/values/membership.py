"""Whether a value is in a range, or passes a test."""

# Values are of any kind; told apart by type, their items are still of any kind.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from typing import Any

from ichor_feel.evaluation.runtime import Runtime
from ichor_feel.values.equality import compare, equal
from ichor_feel.values.ranges import UNBOUNDED, Range


def in_range(runtime: Runtime, value: Any, found: Range) -> bool | None:
    """Whether a value is in a range; None if it cannot be compared with an end."""
    if found.excluded:
        same = equal(runtime, value, found.start)
        return None if same is None else not same
    if found.start_included and found.end_included and found.start is found.end:
        return equal(runtime, value, found.start)
    above = _holds(found.start, value, found.start_included)
    below = _holds(value, found.end, found.end_included)
    if above is False or below is False:
        return False
    return True if above and below else None


def _holds(low: Any, high: Any, included: bool) -> bool | None:
    if low is UNBOUNDED or high is UNBOUNDED:
        return True
    order = compare(low, high)
    return None if order is None else order < 0 or (included and order == 0)


def passes(runtime: Runtime, value: Any, test: Any) -> bool | None:
    """Whether a value passes a test, which is a range, a list of tests, or a value to equal."""
    if type(test) is Range and type(value) is not Range:
        return in_range(runtime, value, test)
    if type(test) is list:
        if type(value) is list and equal(runtime, value, test):
            return True
        runtime.spend(len(test))
        unknown = False
        for one in test:
            if type(one) is Range and type(value) is not Range:
                found = in_range(runtime, value, one)
            else:
                found = equal(runtime, value, one)
                found = False if found is None else found
            if found:
                return True
            unknown = unknown or found is None
        return None if unknown else False
    same = equal(runtime, value, test)
    return False if same is None else same
