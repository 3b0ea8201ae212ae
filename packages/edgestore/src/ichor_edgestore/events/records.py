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
    """A change of an entity."""

    id: EventIdField
    entity_name: Name
    entity_id: Name
    event_type: TriggerEvent
    data: dict[str, Any] = field(default_factory=dict[str, Any])
    """The data that rules match, and the trigger data of their executions."""
    traceparent: str | None = None
    """W3C trace context of the request."""

    def __post_init__(self) -> None:
        if not self.id.islower():  # the execution ids are derived from its text
            msgspec.structs.force_setattr(self, "id", self.id.lower())

    @property
    def digest(self) -> str:
        """Digest of the content, without id and trace."""
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
    """Error of matching the rule; the execution then never starts."""


class AcceptedEvent(Struct, frozen=True):
    """The response to an event: the same each time the event is sent."""

    event_id: EventId
    executions: list[AcceptedExecution]
    """Ordered by rule id."""
    duplicate: bool = False
    """Whether the event had been accepted before."""


class Dispatch(Struct, frozen=True, kw_only=True):
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
