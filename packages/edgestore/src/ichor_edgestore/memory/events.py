"""Events in memory, accepted together with the executions that they cause."""

from typing import Any

from ichor_core import exact_json
from ichor_core.contract import INTERPRETER_VERSION
from ichor_core.ids import EventId
from ichor_edgestore.events.matching import Match, PlannedExecution, other_event, plan_executions
from ichor_edgestore.events.records import AcceptedEvent, AcceptedExecution, Event
from ichor_edgestore.executions.records import Execution
from ichor_edgestore.memory.state import MemoryDispatch, MemoryState, copied, now


class MemoryEventStore:
    """`ichor_edgestore.events.store.PostgresEventStore` in memory."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def accept(self, event: Event, match: Match) -> AcceptedEvent:
        """Store an event, and an execution and a dispatch for every active rule that matches."""
        exact_json.check_storable([event.entity_name, event.entity_id, event.data])
        known = self._state.events.get(event.id)
        if known is not None:
            if known.digest != event.digest:
                raise other_event(event.id)
            return AcceptedEvent(event.id, self._accepted(event.id), duplicate=True)
        rules = [
            rule
            for _, rule in sorted(self._state.rules.items())
            if rule.is_active
            and rule.graph_version > 0
            and (rule.trigger_entity, rule.trigger_event) == (event.entity_name, event.event_type)
        ]
        planned = plan_executions(event, rules, match)
        self._state.events[event.id] = copied(event, Event)
        for execution in planned:
            self._insert(event, execution)
        return AcceptedEvent(event.id, self._accepted(event.id))

    def _insert(self, event: Event, planned: PlannedExecution) -> None:
        time = now()
        execution_id, error = planned.execution_id, planned.error
        self._state.executions[execution_id] = Execution(
            id=execution_id,
            event_id=event.id,
            rule_id=planned.rule.id,
            rule_name=planned.rule.name,
            graph_version=planned.rule.graph_version,
            interpreter_version=INTERPRETER_VERSION,
            workflow_id=planned.workflow_id,
            status=planned.status,
            entity_name=event.entity_name,
            entity_id=event.entity_id,
            event_type=event.event_type,
            error=error,
            failures=[],
            trace_id=event.trace_id,
            created_at=time,
            started_at=None,
            finished_at=time if error else None,
            runs=1,
        )
        self._state.trigger_data[execution_id] = copied(event.data, dict[str, Any])
        self._state.dispatches[execution_id] = MemoryDispatch(
            execution_id=execution_id,
            state="failed" if error else "pending",
            created_at=time,
            next_attempt_at=time,
            last_error=error.message if error else None,
        )

    def _accepted(self, event_id: EventId) -> list[AcceptedExecution]:
        executions = sorted(self._state.executions.values(), key=lambda item: item.rule_id or "")
        return [
            AcceptedExecution(
                execution_id=item.id,
                rule_id=item.rule_id,
                rule_name=item.rule_name,
                workflow_id=item.workflow_id,
                status=item.status,
                error=item.error,
            )
            for item in executions
            if item.event_id == event_id and item.rule_id and item.workflow_id
        ]
