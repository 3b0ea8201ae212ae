"""Holds the evidence against what has to be there: nothing lost, nothing doubled, all agree."""

from collections.abc import Callable, Iterator, Mapping

from tests.chaos.effect_checks import (
    check_effects,
    check_ledger,
    check_messages,
    check_reservations,
)
from tests.chaos.evidence import Evidence
from tests.chaos.execution_checks import (
    check_agreement,
    check_ends,
    check_executions,
    check_records,
)
from tests.chaos.expectation import expect
from tests.chaos.people_checks import check_approvals, check_clients
from tests.chaos.shapes import Shape
from tests.chaos.violations import Case, Violation

_CHECKS: tuple[Callable[[Case], Iterator[Violation]], ...] = (
    check_executions,
    check_ends,
    check_agreement,
    check_effects,
    check_ledger,
    check_records,
    check_reservations,
    check_approvals,
    check_messages,
    check_clients,
)


def check(evidence: Evidence, shapes: Mapping[str, Shape]) -> list[Violation]:
    """Return everything that must not be; none: the run is good."""
    case = _case(evidence, shapes)
    return [violation for one in _CHECKS for violation in one(case)]


def _case(evidence: Evidence, shapes: Mapping[str, Shape]) -> Case:
    numbers = {event.event_id: event.number for event in evidence.sent}
    by_rule = {rule_id: shapes[name] for name, rule_id in evidence.rules.items()}
    rows = evidence.database.executions
    known = {
        row.id: (by_rule[row.rule_id], numbers[row.event_id])
        for row in rows
        if row.rule_id in by_rule and row.event_id in numbers
    }
    completed = {row.id for row in rows if row.status == "completed"}
    return Case(
        evidence=evidence,
        shapes=shapes,
        executions=known,
        done=expect((one, *known[one]) for one in known if one in completed),
        possible=expect((one, *known[one]) for one in known),
    )
