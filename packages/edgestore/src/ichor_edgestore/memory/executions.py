"""Executions and what became of their actions, in memory."""

from datetime import datetime

from msgspec.structs import replace

from ichor_core.contract import (
    TERMINAL_STATUSES,
    ActionState,
    ExecutionRecord,
    ExecutionStatus,
    FailureInfo,
)
from ichor_core.graph import ActionNode
from ichor_core.ids import ActionId, ExecutionId
from ichor_edgestore.database.paging import DEFAULT_LIMIT, Page, page_of
from ichor_edgestore.executions.records import (
    ActionExecution,
    Execution,
    ExecutionDetail,
    ExecutionFilter,
)
from ichor_edgestore.executions.store import no_execution
from ichor_edgestore.memory.approvals import withdraw_approvals
from ichor_edgestore.memory.state import MemoryState, copied, now

_UNDECIDED = ("waiting", "running")


class MemoryExecutionStore:
    """`ichor_edgestore.executions.store.PostgresExecutionStore` in memory."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def record(self, record: ExecutionRecord) -> None:
        """Store a record; repeating one changes nothing."""
        record = copied(record, ExecutionRecord)
        old = self._state.executions.get(record.execution_id) or _unknown(record)
        is_final = record.status in TERMINAL_STATUSES
        if is_final or old.status not in TERMINAL_STATUSES:
            started = min(old.started_at or record.started_at, record.started_at)
            old = replace(
                old,
                status=record.status,
                started_at=started,
                finished_at=record.finished_at,
                error=record.error,
                failures=record.failures if is_final or record.failures else old.failures,
                runs=max(old.runs, record.runs),
            )
        self._state.executions[record.execution_id] = old
        if is_final:
            withdraw_approvals(self._state, record.execution_id)
        actions = self._state.actions.setdefault(record.execution_id, {})
        nodes = self._nodes(old)
        for state in record.actions:
            action_id = state.action_id
            merged = _merge(actions.get(action_id), state, nodes.get(action_id))
            actions[action_id] = merged

    async def get(self, execution_id: ExecutionId) -> ExecutionDetail:
        """Return an execution with its actions."""
        execution = self._state.executions.get(execution_id)
        if execution is None:
            raise no_execution(execution_id)
        dispatch = self._state.dispatches.get(execution_id)
        actions = self._state.actions.get(execution_id, {})
        return ExecutionDetail(
            execution,
            self._state.trigger_data.get(execution_id, {}),
            dispatch.last_error if dispatch else None,
            [action for _, action in sorted(actions.items())],
        )

    async def set_status(
        self, execution_id: ExecutionId, status: ExecutionStatus, error: FailureInfo | None = None
    ) -> bool:
        """Correct the status of an execution without a final record; says whether it changed."""
        execution = self._state.executions.get(execution_id)
        if execution is None or execution.status in TERMINAL_STATUSES:
            return False
        if status in TERMINAL_STATUSES:
            withdraw_approvals(self._state, execution_id)
        started = execution.started_at
        self._state.executions[execution_id] = replace(
            execution,
            status=status,
            error=error or execution.error,
            started_at=(started or now()) if status == "running" else started,
            finished_at=now() if status in TERMINAL_STATUSES else None,
        )
        return True

    async def running_since(self, before: datetime, limit: int) -> list[Execution]:
        """Return executions that run and started before a time, the oldest first."""
        found = [
            (execution.started_at, execution.id, execution)
            for execution in self._state.executions.values()
            if execution.status == "running"
            and execution.started_at is not None
            and execution.started_at < before
        ]
        return [execution for _, _, execution in sorted(found)[:limit]]

    async def list(
        self,
        filter: ExecutionFilter | None = None,
        cursor: str | None = None,
        limit: int = DEFAULT_LIMIT,
    ) -> Page[Execution]:
        """Return a page of executions, the newest first."""
        wanted = filter or ExecutionFilter()
        found = [item for item in self._state.executions.values() if _is_wanted(item, wanted)]
        return page_of(found, cursor, limit)

    def _nodes(self, execution: Execution) -> dict[ActionId, ActionNode]:
        if execution.rule_id is None:
            return {}
        stored = self._state.versions.get((execution.rule_id, execution.graph_version))
        return {action.id: action for action in stored.graph.actions} if stored else {}


def _is_wanted(execution: Execution, filter: ExecutionFilter) -> bool:
    created = execution.created_at
    return (
        filter.rule_id in (None, execution.rule_id)
        and (filter.statuses is None or execution.status in filter.statuses)
        and filter.event_id in (None, execution.event_id)
        and filter.entity_name in (None, execution.entity_name)
        and filter.entity_id in (None, execution.entity_id)
        and (filter.created_after is None or created >= filter.created_after)
        and (filter.created_before is None or created < filter.created_before)
    )


def _unknown(record: ExecutionRecord) -> Execution:
    """Return an execution that was recorded and never accepted."""
    return Execution(
        id=record.execution_id,
        event_id=None,
        rule_id=None,
        rule_name="",
        graph_version=0,
        interpreter_version=1,
        workflow_id=None,
        status="pending",
        entity_name="",
        entity_id="",
        event_type="",
        error=None,
        failures=[],
        trace_id=None,
        created_at=now(),
        started_at=None,
        finished_at=None,
        runs=1,
    )


def _merge(
    old: ActionExecution | None, state: ActionState, node: ActionNode | None
) -> ActionExecution:
    if old and old.status not in _UNDECIDED and state.status in _UNDECIDED:
        return old
    name, type = "", ""
    if node is not None:
        name, type = node.name, node.action_type
    elif state.error is not None:
        name, type = state.error.action_name, state.error.action_type
    return ActionExecution(
        action_id=state.action_id,
        name=old.name if old else name,
        type=old.type if old else type,
        status=state.status,
        started_at=state.started_at or (old and old.started_at),
        finished_at=state.finished_at or (old and old.finished_at),
        attempts=max(state.attempts, old.attempts if old else 0),
        error=state.error,
        result=state.result if state.result is not None else (old and old.result),
    )
