"""An execution as users see it: stored records, the state of its workflow, and its whole graph."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

from ichor_core.contract import TERMINAL_STATUSES, ActionState, ExecutionStatus, FailureInfo
from ichor_core.execution import ActionStatus
from ichor_core.graph import ActionNode, GraphDefinition, GraphExecutor, topological_order
from ichor_core.ids import ActionId, EventId, ExecutionId, RuleId
from ichor_edgestore.approvals import StoredApproval
from ichor_edgestore.executions import ActionExecution, ExecutionDetail
from ichor_engine.executions.observation import LiveState, PendingActivity

ShownStatus = ActionStatus | Literal["unknown"]

_WAITING: ActionStatus = "waiting"
_OPEN: tuple[ShownStatus, ...] = (_WAITING, "running")


class ActionView(Struct, frozen=True, kw_only=True):
    """One action of the graph, with its status in this execution."""

    id: ActionId
    name: str
    type: str
    status: ShownStatus
    """`unknown` if the workflow could not be queried and has not recorded this action."""
    started_at: datetime | None
    finished_at: datetime | None
    attempts: int
    """Number of known attempts, the current one included."""
    result: dict[str, Any] | None
    error: FailureInfo | None
    last_failure: str = ""
    """Error of the previous attempt."""


class ExecutionView(Struct, frozen=True, kw_only=True):
    """One execution of a rule's graph, with every action of the graph."""

    id: ExecutionId
    rule_id: RuleId | None
    rule_name: str
    graph_version: int
    status: ExecutionStatus
    error: FailureInfo | None
    failures: list[FailureInfo]
    """Failures of detached branches, which do not fail the execution."""
    event_id: EventId | None
    event_type: str
    entity_name: str
    entity_id: str
    trigger_data: dict[str, Any]
    workflow_id: str | None
    trace_id: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    runs: int
    dispatch_error: str | None
    """Error of the last attempt to start its workflow."""
    live: bool
    """True: the current state; false: the last record and the pending approvals, which running
    actions may have overtaken."""
    live_reason: str
    """Error of the query of the running workflow; empty if it answered, or was not queried."""
    actions: list[ActionView]
    """In the order of the graph: each action after those that lead to it."""


def view(
    detail: ExecutionDetail,
    graph: GraphDefinition,
    live: LiveState | None = None,
    reason: str = "",
    asked: Sequence[StoredApproval] = (),
) -> ExecutionView:
    """Put the view together.

    Args:
        detail: the stored execution.
        graph: the version of the graph that the execution runs.
        live: the state of the workflow, if it answered.
        reason: why it could not be queried.
        asked: pending approvals, if it could not be queried.
    """
    execution = detail.execution
    rows = {row.action_id: row for row in detail.actions}
    states: Mapping[ActionId, ActionState] = live.actions if live else {}
    pending: Mapping[ActionId, PendingActivity] = live.pending if live else {}
    if live is None and execution.status == "running":
        states = {one.action_id: _waits_for_people(one) for one in asked}
    # A started workflow that does not mention an action leaves its status open.
    silent: ShownStatus = _WAITING if live or execution.started_at is None else "unknown"
    return ExecutionView(
        id=execution.id,
        rule_id=execution.rule_id,
        rule_name=execution.rule_name,
        graph_version=execution.graph_version,
        status=execution.status,
        error=execution.error,
        failures=execution.failures,
        event_id=execution.event_id,
        event_type=execution.event_type,
        entity_name=execution.entity_name,
        entity_id=execution.entity_id,
        trigger_data=detail.trigger_data,
        workflow_id=execution.workflow_id,
        trace_id=execution.trace_id,
        created_at=execution.created_at,
        started_at=execution.started_at,
        finished_at=execution.finished_at,
        runs=live.runs if live else execution.runs,
        dispatch_error=detail.dispatch_error,
        live=live is not None or execution.status in ("pending", *TERMINAL_STATUSES),
        live_reason=reason,
        actions=[
            _action(
                action, rows.get(action.id), states.get(action.id), pending.get(action.id), silent
            )
            for action in in_graph_order(graph)
        ],
    )


def _waits_for_people(approval: StoredApproval) -> ActionState:
    return ActionState(
        action_id=approval.action_id, status="running", started_at=approval.created_at, attempts=1
    )


def in_graph_order(graph: GraphDefinition) -> list[ActionNode]:
    """Return the actions, each after those that lead to it; those of a cycle come last."""
    executor = GraphExecutor(graph)
    order = topological_order(executor.targets)
    rest = sorted(set(range(len(executor.actions))) - set(order))
    return [executor.actions[number] for number in (*order, *rest)]


def _action(
    action: ActionNode,
    row: ActionExecution | None,
    state: ActionState | None,
    pending: PendingActivity | None,
    silent: ShownStatus,
) -> ActionView:
    """Return one action: the row is its last record, the state is newer.

    Where there is neither, its status is `silent`.
    """
    known: list[ActionExecution | ActionState] = [one for one in (state, row) if one is not None]
    # A branch that ran as a child records its actions itself; its parent knows less of them.
    statuses: list[ShownStatus] = [one.status for one in known]
    candidates: list[ShownStatus] = [
        *(status for status in statuses if status not in _OPEN),
        *statuses,
        silent,
    ]
    status = candidates[0]
    attempts = max((one.attempts for one in known), default=0)
    return ActionView(
        id=action.id,
        name=action.name,
        type=action.action_type,
        status=status,
        started_at=next((one.started_at for one in known if one.started_at), None),
        finished_at=next((one.finished_at for one in known if one.finished_at), None),
        attempts=max(attempts, pending.attempt if pending and status == "running" else 0),
        result=next((one.result for one in known if one.result is not None), None),
        error=next((one.error for one in known if one.error), None),
        last_failure=pending.last_failure if pending and status == "running" else "",
    )
