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
    """None, like `rule_id` and `workflow_id`, if only a record of the execution was received."""
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
    """Failures of detached branches."""
    trace_id: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    runs: int
    """Workflow runs so far: 1, and 1 for each continue-as-new."""


class ActionExecution(Struct, frozen=True, kw_only=True):
    """The state of one action of an execution."""

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
    """An execution with its trigger data and the states of its actions."""

    execution: Execution
    trigger_data: dict[str, Any]
    dispatch_error: str | None
    """Last error of starting its workflow."""
    actions: list[ActionExecution]
    """Reported actions, ordered by id."""


class ExecutionFilter(Struct, frozen=True, kw_only=True):
    """A filter of executions; None does not restrict."""

    rule_id: RuleIdField | None = None
    statuses: tuple[ExecutionStatus, ...] | None = None
    """Any of these."""
    event_id: EventIdField | None = None
    entity_name: str | None = None
    entity_id: str | None = None
    created_after: datetime | None = None
    """Inclusive."""
    created_before: datetime | None = None
