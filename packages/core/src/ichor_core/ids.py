"""Identifiers: UUIDs in their canonical text form (lower case, with hyphens)."""

from typing import Annotated, NewType
from uuid import UUID, uuid5

from msgspec import Meta

ActionId = NewType("ActionId", str)
"""An action of a graph."""
EdgeId = NewType("EdgeId", str)
"""An edge of a graph."""
RuleId = NewType("RuleId", str)
"""An automation rule: a trigger and its graph."""
EventId = NewType("EventId", str)
"""An entity event; chosen by the client or made by the trigger API."""
ExecutionId = NewType("ExecutionId", str)
"""One execution of one rule's graph for one event."""

UUID_PATTERN = r"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"
UuidText = Meta(pattern=UUID_PATTERN)
"""Constraint of id fields: ``field: Annotated[ActionId, UuidText]``."""

ActionIdField = Annotated[ActionId, UuidText]
RuleIdField = Annotated[RuleId, UuidText]
EventIdField = Annotated[EventId, UuidText]
ExecutionIdField = Annotated[ExecutionId, UuidText]

_NAMESPACE = UUID("8f0c6b1e-6f0a-5d0e-9d6c-4c1f4f7a2b11")


def derive_execution_id(rule_id: RuleId, event_id: EventId) -> ExecutionId:
    """Return the one execution id of this rule for this event, the same at every call.

    It makes starting idempotent: every retry arrives at the same execution.
    """
    return ExecutionId(str(uuid5(_NAMESPACE, f"execution:{rule_id}:{event_id}")))


def derive_workflow_id(rule_id: RuleId, entity_id: str, execution_id: ExecutionId) -> str:
    """Return the Temporal workflow id of an execution."""
    return f"workflow-{rule_id}-{entity_id}-{execution_id}"


def derive_edge_id(source: str | None, target: str, edge_type: str, sort_order: int) -> EdgeId:
    """Return the id of an edge that was written without one."""
    return EdgeId(str(uuid5(_NAMESPACE, f"edge:{source}:{target}:{edge_type}:{sort_order}")))
