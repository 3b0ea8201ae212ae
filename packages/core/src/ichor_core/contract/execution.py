"""An execution and its actions: status, state, record.

Every struct is the wire format of recorded histories: a new field has a default, no field is
renamed, and no field changes its meaning.
"""

from datetime import datetime
from typing import Any, Literal

from msgspec import Struct, field

from ichor_core.execution.marking import ActionStatus
from ichor_core.ids import ActionId, ExecutionId

ExecutionStatus = Literal[
    "pending",
    "running",
    "completed",
    "completed_with_failures",
    "failed",
    "cancelled",
    "timed_out",
]
TERMINAL_STATUSES: tuple[ExecutionStatus, ...] = (
    "completed",
    "completed_with_failures",
    "failed",
    "cancelled",
    "timed_out",
)


class FailureInfo(Struct, frozen=True, omit_defaults=True):
    """The failure of an action or an execution."""

    message: str
    type: str = ""
    """The kind of error, such as `TemplateError`; stable, for programs."""
    action_id: ActionId | None = None
    action_name: str = ""
    action_type: str = ""


class ActionState(Struct, omit_defaults=True, kw_only=True):
    """The state of one action of one execution."""

    action_id: ActionId
    status: ActionStatus = "waiting"
    started_at: datetime | None = None
    finished_at: datetime | None = None
    attempts: int = 0
    error: FailureInfo | None = None
    result: dict[str, Any] | None = None
    """None while there is none, or where it is left out for its size."""


class ExecutionState(Struct, omit_defaults=True):
    """The result of the query `execution_state`."""

    status: ExecutionStatus
    actions: list[ActionState]
    """Every action of the graph, ordered by id; a branch that runs as a child shows its head."""
    branches: dict[ActionId, str] = field(default_factory=dict[ActionId, str])
    """Child workflows that run now: head of the branch → workflow id."""
    runs: int = 1
    interpreter_version: int = 1


class ExecutionRecord(Struct, omit_defaults=True, kw_only=True):
    """The record that a workflow writes to storage: at its end, and before it continues as new."""

    execution_id: ExecutionId
    status: ExecutionStatus
    started_at: datetime
    finished_at: datetime | None = None
    error: FailureInfo | None = None
    failures: list[FailureInfo] = field(default_factory=list[FailureInfo])
    """Failures of detached branches."""
    actions: list[ActionState] = field(default_factory=list[ActionState])
    """States that changed since the last record, with results."""
    runs: int = 1
