"""Planning of executions: one for each rule that an event matches."""

from collections.abc import Callable, Iterable

from msgspec import Struct

from ichor_core.contract import ExecutionStatus, FailureInfo
from ichor_core.errors import ConflictError, InvalidInputError
from ichor_core.ids import EventId, ExecutionId, derive_execution_id, derive_workflow_id
from ichor_edgestore.events.records import Event
from ichor_edgestore.rules.records import Rule

Match = Callable[[Rule], bool]
"""Says whether a rule for the event's entity and type matches the event.

`InvalidInputError` where the rule's condition cannot be evaluated on this event.
"""


class PlannedExecution(Struct, frozen=True):
    """An execution that is to be stored with its dispatch."""

    execution_id: ExecutionId
    workflow_id: str
    rule: Rule
    error: FailureInfo | None = None
    """Error of matching the rule."""

    @property
    def status(self) -> ExecutionStatus:
        """Failed from the start where the rule could not be matched."""
        return "failed" if self.error else "pending"


def plan_executions(event: Event, rules: Iterable[Rule], match: Match) -> list[PlannedExecution]:
    """Plan an execution for each rule that matches, and for each that cannot be matched."""
    planned = (_plan(event, rule, match) for rule in rules)
    return [execution for execution in planned if execution is not None]


def _plan(event: Event, rule: Rule, match: Match) -> PlannedExecution | None:
    error = None
    try:
        if not match(rule):
            return None
    except InvalidInputError as problem:
        error = FailureInfo(
            f"the trigger condition cannot be evaluated: {problem}", type(problem).__name__
        )
    execution_id = derive_execution_id(rule.id, event.id)
    workflow_id = derive_workflow_id(rule.id, event.entity_id, execution_id)
    return PlannedExecution(execution_id, workflow_id, rule, error)


def other_event(event_id: EventId) -> ConflictError:
    """Return the error of an event id that was used for something else."""
    return ConflictError(f"event {event_id} was accepted before, with another body")
