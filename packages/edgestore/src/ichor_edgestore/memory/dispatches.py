"""The queue of executions whose workflows are to be started, in memory."""

from datetime import timedelta

from msgspec.structs import replace

from ichor_core.contract import FailureInfo
from ichor_core.ids import ExecutionId
from ichor_edgestore.events.records import Dispatch
from ichor_edgestore.memory.state import MemoryDispatch, MemoryState, now


class MemoryDispatchQueue:
    """`ichor_edgestore.events.dispatches.PostgresDispatchQueue` in memory."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def lease(self, limit: int, lease_seconds: float) -> list[Dispatch]:
        """Take up to `limit` dispatches that are due, the longest due first."""
        time = now()
        due = [
            dispatch
            for dispatch in self._state.dispatches.values()
            if dispatch.state == "pending"
            and dispatch.next_attempt_at <= time
            and (dispatch.leased_until is None or dispatch.leased_until < time)
        ]
        due.sort(key=lambda dispatch: (dispatch.next_attempt_at, dispatch.execution_id))
        for dispatch in due[:limit]:
            dispatch.leased_until = time + timedelta(seconds=lease_seconds)
            dispatch.attempts += 1
        return [self._job(dispatch) for dispatch in due[:limit]]

    async def mark_started(self, execution_id: ExecutionId) -> None:
        """Note that the workflow runs; an execution with a record stays as it is."""
        dispatch = self._state.dispatches.get(execution_id)
        if dispatch is not None:
            dispatch.state, dispatch.leased_until, dispatch.last_error = "started", None, None
        self._change_pending(execution_id, status="running", started_at=now())

    async def mark_retry(self, execution_id: ExecutionId, error: str, delay_seconds: float) -> None:
        """Give a dispatch back, to be due again after a delay; nothing if it was started."""
        dispatch = self._pending(execution_id)
        if dispatch is not None:
            dispatch.leased_until, dispatch.last_error = None, error
            dispatch.next_attempt_at = now() + timedelta(seconds=delay_seconds)

    async def mark_failed(self, execution_id: ExecutionId, error: FailureInfo) -> None:
        """Give up a dispatch, and fail its execution; nothing if it was started."""
        dispatch = self._pending(execution_id)
        if dispatch is not None:
            dispatch.state, dispatch.leased_until = "failed", None
            dispatch.last_error = error.message
            self._change_pending(execution_id, status="failed", error=error, finished_at=now())

    def _pending(self, execution_id: ExecutionId) -> MemoryDispatch | None:
        dispatch = self._state.dispatches.get(execution_id)
        return dispatch if dispatch is not None and dispatch.state == "pending" else None

    def _change_pending(self, execution_id: ExecutionId, **fields: object) -> None:
        execution = self._state.executions.get(execution_id)
        if execution is not None and execution.status == "pending":
            self._state.executions[execution_id] = replace(execution, **fields)

    def _job(self, dispatch: MemoryDispatch) -> Dispatch:
        execution = self._state.executions[dispatch.execution_id]
        assert execution.rule_id is not None
        assert execution.event_id is not None
        assert execution.workflow_id is not None
        event = self._state.events[execution.event_id]
        return Dispatch(
            execution_id=execution.id,
            workflow_id=execution.workflow_id,
            rule_id=execution.rule_id,
            rule_name=execution.rule_name,
            graph_version=execution.graph_version,
            interpreter_version=execution.interpreter_version,
            entity_name=execution.entity_name,
            entity_id=execution.entity_id,
            event_id=execution.event_id,
            event_type=event.event_type,
            trigger_data=self._state.trigger_data[execution.id],
            traceparent=event.traceparent,
            created_at=execution.created_at,
            attempts=dispatch.attempts,
        )
