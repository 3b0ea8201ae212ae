"""Executions and their actions, as values."""

from datetime import datetime
from typing import Any

from msgspec import Struct

from ichor_core.contract import ExecutionStatus, FailureInfo
from ichor_core.execution import ActionStatus
from ichor_core.ids import ActionId, EventId, EventIdField, ExecutionId, RuleId, RuleIdField


class Execution(Struct, frozen=True, kw_only=True):
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


class ActionExecution(Struct, frozen=True, kw_only=True):
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


class ExecutionFilter(Struct, frozen=True, kw_only=True):
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
