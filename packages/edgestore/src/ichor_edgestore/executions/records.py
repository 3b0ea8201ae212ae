"""What is stored, as values."""

import hashlib
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct, field

from ichor_core import exact_json
from ichor_core.contract.workflow import ExecutionStatus, FailureInfo
from ichor_core.execution.marking import ActionStatus
from ichor_core.expressions.condition import parse_condition
from ichor_core.graph.definition import GraphDefinition
from ichor_core.ids import (
    ActionId,
    EventId,
    EventIdField,
    ExecutionId,
    RuleId,
    RuleIdField,
)

TriggerEvent = Literal["on_create", "on_update", "on_delete"]
"""What happened to an entity."""

Name = Annotated[str, Meta(min_length=1, max_length=200)]


class RuleDraft(Struct, frozen=True):
    """What a user writes of a rule."""

    name: Name
    trigger_entity: Name
    trigger_event: TriggerEvent
    description: Annotated[str, Meta(max_length=10_000)] = ""
    trigger_conditions: Any = None
    """A condition on the event's data (`ichor_core.expressions`); None: every event matches."""
    is_active: bool = True

    def check(self) -> None:
        """Refuse what could never be matched or stored.

        Raises:
            InvalidInputError: with the place.
        """
        exact_json.check_storable(msgspec.structs.asdict(self))
        parse_condition(self.trigger_conditions, "$.trigger_conditions")


class Rule(Struct, frozen=True):
    """An automation rule: when to run its graph."""

    id: RuleId
    name: str
    trigger_entity: str
    trigger_event: TriggerEvent
    description: str
    trigger_conditions: Any
    is_active: bool
    version: int
    """Of the rule's own fields; raised by each change of them."""
    graph_version: int
    """Of its graph; 0 where none was saved yet."""
    created_at: datetime
    updated_at: datetime


class RuleFilter(Struct, frozen=True):
    """Which rules to list; None does not restrict."""

    trigger_entity: str | None = None
    trigger_event: TriggerEvent | None = None
    is_active: bool | None = None
    name: str | None = None
    """A part of the name, upper or lower case."""


class StoredGraph(Struct, frozen=True):
    """One version of a rule's graph; it never changes."""

    rule_id: RuleId
    version: int
    """0 for the empty graph of a rule to which none was saved."""
    graph: GraphDefinition
    digest: str
    """The same for graphs that differ in nothing but the order of their lists."""


class Event(Struct, frozen=True):
    """Something that happened to an entity."""

    id: EventIdField
    entity_name: Name
    entity_id: Name
    event_type: TriggerEvent
    data: dict[str, Any] = field(default_factory=dict[str, Any])
    """What rules match, and what their executions see as trigger data."""
    traceparent: str | None = None
    """W3C trace context of the request."""

    def __post_init__(self) -> None:
        if not self.id.islower():  # the execution ids are derived from its text
            msgspec.structs.force_setattr(self, "id", self.id.lower())

    @property
    def digest(self) -> str:
        """The same for events that say the same; neither id nor trace count."""
        body = (self.entity_name, self.entity_id, self.event_type, self.data)
        return hashlib.sha256(exact_json.encode_canonical(body)).hexdigest()

    @property
    def trace_id(self) -> str | None:
        """The trace that the request belongs to."""
        parts = (self.traceparent or "").split("-")
        return parts[1] if len(parts) >= 4 and len(parts[1]) == 32 else None


class AcceptedExecution(Struct, frozen=True):
    """An execution that an event set off."""

    execution_id: ExecutionId
    rule_id: RuleId
    rule_name: str
    workflow_id: str
    status: ExecutionStatus
    error: FailureInfo | None = None
    """Why the rule could not be matched; then the execution will never start."""


class AcceptedEvent(Struct, frozen=True):
    """The answer to an event: the same whenever the event is sent again."""

    event_id: EventId
    executions: list[AcceptedExecution]
    """Ordered by rule id."""
    duplicate: bool = False
    """Whether the event had been accepted before."""


class DispatchJob(Struct, frozen=True):
    """An execution whose workflow is to be started."""

    execution_id: ExecutionId
    workflow_id: str
    rule_id: RuleId
    rule_name: str
    graph_version: int
    interpreter_version: int
    entity_name: str
    entity_id: str
    event_id: EventId
    event_type: TriggerEvent
    trigger_data: dict[str, Any]
    traceparent: str | None
    created_at: datetime
    attempts: int
    """This attempt included."""


class Execution(Struct, frozen=True):
    """One execution of a rule's graph."""

    id: ExecutionId
    event_id: EventId | None
    """None, as `rule_id` and `workflow_id`, where only a report of it came in."""
    rule_id: RuleId | None
    rule_name: str
    graph_version: int
    interpreter_version: int
    workflow_id: str | None
    status: ExecutionStatus
    entity_name: str
    entity_id: str
    event_type: str
    error: FailureInfo | None
    failures: list[FailureInfo]
    """Of detached branches."""
    trace_id: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    runs: int
    """Workflow runs, continued as new, that it took so far."""


class ActionExecution(Struct, frozen=True):
    """What became of one action of an execution."""

    action_id: ActionId
    name: str
    type: str
    status: ActionStatus
    started_at: datetime | None
    finished_at: datetime | None
    attempts: int
    error: FailureInfo | None
    result: dict[str, Any] | None


class ExecutionDetail(Struct, frozen=True):
    """An execution with all that is known of it."""

    execution: Execution
    trigger_data: dict[str, Any]
    dispatch_error: str | None
    """Why its workflow was not started, or not at the first attempt."""
    actions: list[ActionExecution]
    """Ordered by action id; those that have been reported."""


class ExecutionFilter(Struct, frozen=True):
    """Which executions to list; None does not restrict."""

    rule_id: RuleIdField | None = None
    statuses: tuple[ExecutionStatus, ...] | None = None
    """One of these."""
    event_id: EventIdField | None = None
    entity_name: str | None = None
    entity_id: str | None = None
    created_from: datetime | None = None
    """Inclusive."""
    created_before: datetime | None = None
