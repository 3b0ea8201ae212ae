"""Reads how Temporal says that workflows ended, from their histories."""

import asyncio
from collections import Counter

from temporalio.api.enums.v1 import EventType, PendingActivityState, WorkflowTaskFailedCause
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError

from ichor_core import exact_json
from ichor_core.contract import EXECUTE_GRAPH_WORKFLOW, WorkflowOutput
from tests.chaos.evidence import WorkflowRun

_AT_A_TIME = 8
_FAILED_TASK = EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED


async def read_workflows(client: Client) -> tuple[WorkflowRun, ...]:
    """Return every workflow of ours, by the history of its last run."""
    found: Counter[str] = Counter()
    async for one in client.list_workflows(f"WorkflowType = '{EXECUTE_GRAPH_WORKFLOW}'"):
        found[one.id] += one.status != WorkflowExecutionStatus.CONTINUED_AS_NEW
    gate = asyncio.Semaphore(_AT_A_TIME)

    async def read(workflow_id: str) -> WorkflowRun:
        async with gate:
            history = await client.get_workflow_handle(workflow_id).fetch_history()
        causes = [
            WorkflowTaskFailedCause.Name(event.workflow_task_failed_event_attributes.cause)
            for event in history.events
            if event.event_type == _FAILED_TASK
        ]
        last = history.events[-1]
        return WorkflowRun(workflow_id, _status(last), found[workflow_id], tuple(causes))

    return tuple(await asyncio.gather(*map(read, found)))


def _status(last: HistoryEvent) -> str:
    """Return the status in the engine's words."""
    if last.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED:
        (payload,) = last.workflow_execution_completed_event_attributes.result.payloads
        return exact_json.decode(payload.data, WorkflowOutput).status
    name = EventType.Name(last.event_type).removeprefix("EVENT_TYPE_WORKFLOW_EXECUTION_")
    ends = {"FAILED": "failed", "CANCELED": "cancelled", "TIMED_OUT": "timed_out"}
    return ends.get(name, "terminated" if name == "TERMINATED" else "running")


async def what_it_waits_for(client: Client, workflow_id: str) -> str:
    """Say what the server knows that a workflow waits for."""
    try:
        described = (await client.get_workflow_handle(workflow_id).describe()).raw_description
    except RPCError as error:
        return f"no workflow: {error.message}"
    parts = [
        f"activity {one.activity_type.name} attempt {one.attempt}"
        f" {PendingActivityState.Name(one.state)}"
        + (f", last failure {one.last_failure.message[:160]!r}" if one.attempt > 1 else "")
        for one in described.pending_activities
    ]
    if described.HasField("pending_workflow_task"):
        parts.append(f"workflow task attempt {described.pending_workflow_task.attempt}")
    if described.pending_children:
        parts.append(f"{len(described.pending_children)} child workflows")
    return "; ".join(parts) or "nothing that the server knows of (a signal, an update, a timer)"
