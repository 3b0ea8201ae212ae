"""The data that the stores in memory share."""

from datetime import UTC, datetime
from typing import Any, Literal, TypeVar

from msgspec import Struct, field

from ichor_core import exact_json
from ichor_core.action_type import ActionType
from ichor_core.graph import GraphDefinition
from ichor_core.ids import ActionId, EventId, ExecutionId, RuleId
from ichor_edgestore.alerts.records import Alert
from ichor_edgestore.approvals.records import StoredApproval
from ichor_edgestore.events.records import Event
from ichor_edgestore.executions.records import ActionExecution, Execution
from ichor_edgestore.rules.records import Rule, StoredGraph

T = TypeVar("T")


class MemoryDispatch(Struct, kw_only=True):
    """A dispatch, with the fields of its row."""

    execution_id: ExecutionId
    state: Literal["pending", "started", "failed"]
    created_at: datetime
    next_attempt_at: datetime
    attempts: int = 0
    leased_until: datetime | None = None
    last_error: str | None = None


class MemoryState(Struct, kw_only=True):
    """All stored data; make one for each test."""

    rules: dict[RuleId, Rule] = field(default_factory=dict[RuleId, Rule])
    graphs: dict[RuleId, GraphDefinition] = field(default_factory=dict[RuleId, GraphDefinition])
    versions: dict[tuple[RuleId, int], StoredGraph] = field(
        default_factory=dict[tuple[RuleId, int], StoredGraph]
    )
    action_types: dict[str, ActionType] = field(default_factory=dict[str, ActionType])
    published_at: dict[str, datetime] = field(default_factory=dict[str, datetime])
    """By action type."""
    events: dict[EventId, Event] = field(default_factory=dict[EventId, Event])
    executions: dict[ExecutionId, Execution] = field(default_factory=dict[ExecutionId, Execution])
    trigger_data: dict[ExecutionId, dict[str, Any]] = field(
        default_factory=dict[ExecutionId, dict[str, Any]]
    )
    dispatches: dict[ExecutionId, MemoryDispatch] = field(
        default_factory=dict[ExecutionId, MemoryDispatch]
    )
    actions: dict[ExecutionId, dict[ActionId, ActionExecution]] = field(
        default_factory=dict[ExecutionId, dict[ActionId, ActionExecution]]
    )
    effects: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    alerts: list[Alert] = field(default_factory=list[Alert])
    approvals: dict[str, StoredApproval] = field(default_factory=dict[str, StoredApproval])
    values: dict[str, bytes] = field(default_factory=dict[str, bytes])
    tables: dict[str, list[dict[str, Any]]] = field(default_factory=dict[str, list[dict[str, Any]]])
    """Rows of declared tables: column → JSON value."""


def now() -> datetime:
    """Return the time, as the database does."""
    return datetime.now(UTC)


def copied(value: Any, type: type[T]) -> T:
    """Return the value as it would come back from a JSON column."""
    return exact_json.decode(exact_json.encode(value), type)
