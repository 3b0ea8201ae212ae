"""Events, the executions that they set off, and dispatches, as values."""

import hashlib
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct, field

from ichor_core import exact_json
from ichor_core.contract import ExecutionStatus, FailureInfo
from ichor_core.ids import EventId, EventIdField, ExecutionId, RuleId
from ichor_core.telemetry import trace_id_of
from ichor_edgestore.rules.records import Name, TriggerEvent


class Event(Struct, frozen=True, kw_only=True):
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
        return trace_id_of(self.traceparent)


class AcceptedExecution(Struct, frozen=True, kw_only=True):
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


class DispatchJob(Struct, frozen=True, kw_only=True):
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
