"""Runs graphs on a real Temporal server, with actions that return what the test says."""

import asyncio
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple
from uuid import uuid4

from msgspec import Struct, field
from temporalio.client import Client, WorkflowHandle
from temporalio.worker import UnsandboxedWorkflowRunner, Worker, WorkflowRunner

from ichor_actions.attempt import ActionAttempt
from ichor_actions.builtin import builtin_actions
from ichor_actions.definition.action import action
from ichor_actions.errors import RefusedError, TransientError
from ichor_actions.registry import Registry
from ichor_actions.resources import Resources
from ichor_activities import (
    ActionActivities,
    ApprovalActivities,
    RecordingActivities,
    StorageUnavailableError,
)
from ichor_core.action_type import ActionKind
from ichor_core.contract import (
    EXECUTE_GRAPH_WORKFLOW,
    TASK_QUEUE,
    ActionState,
    ExecutionRecord,
    RunOptions,
    WorkflowInput,
    WorkflowOutput,
)
from ichor_core.graph import ActionNode, GraphDefinition
from ichor_core.ids import ExecutionId, RuleId
from ichor_edgestore.memory import (
    MemoryApprovalStore,
    MemoryEffectStore,
    MemoryExecutionStore,
    MemoryState,
    MemoryValueStore,
)
from ichor_workflows import WORKFLOWS
from ichor_workflows.versions import INTERPRETERS

BRANCHES = ("true_branch", "false_branch")


class FixedConfig(Struct):
    """What the action does, written into its config."""

    result: dict[str, Any] = field(default_factory=dict[str, Any])
    fail_attempts: int = 0
    """The first so many attempts fail and are tried again."""
    away_starts: list[int] = field(default_factory=list[int])
    """Which of its starts, from 1, find our own storage away."""
    refuse: str = ""
    gate: str = ""
    """Wait until the test opens this gate."""
    sleep: float = 0
    """Seconds that it takes."""
    read: Any = None
    """Resolved templates, for the test to see."""


class RunLog:
    """What one execution's actions did, as they did it."""

    def __init__(self) -> None:
        self.started: list[str] = []
        """Action ids in the order in which attempts began, repeated attempts included."""
        self.order: list[tuple[str, str]] = []
        """("start" or "end", action id), as it came."""
        self.read: dict[str, Any] = {}
        """By action name, what its templates resolved to."""
        self.cancelled: list[str] = []
        self.reports: list[ExecutionRecord] = []

    def states(self) -> dict[str, ActionState]:
        """Return the last reported state of each action, by id."""
        return {state.action_id: state for report in self.reports for state in report.actions}

    def statuses(self) -> dict[str, str]:
        """Return the last reported status of each action, by id."""
        return {action_id: state.status for action_id, state in self.states().items()}

    def check(self, graph: GraphDefinition, executed: Collection[str]) -> None:
        """Check that exactly these ran, each once, none before its live predecessors completed."""
        assert sorted(self.started) == sorted(executed)
        position = {entry: n for n, entry in enumerate(self.order)}
        for edge in graph.edges:
            source, target = edge.source_action_id, edge.target_action_id
            if source in executed and target in executed:
                assert position["end", source] < position["start", target]


class Run(NamedTuple):
    """A started execution."""

    handle: WorkflowHandle[Any, WorkflowOutput]
    log: RunLog


class Engine:
    """A worker with fixed actions, and what it saw."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.logs: dict[str, RunLog] = {}
        self.gates: dict[str, asyncio.Event] = {}
        state = MemoryState()
        self.approvals = MemoryApprovalStore(state)
        self.alerts = state.alerts
        self.away_reports = 0
        """So many of the next reports find our own storage away."""
        self._recorder = MemoryExecutionStore(state)
        self._values = MemoryValueStore(state)
        self._effects = MemoryEffectStore(state, {})

    def gate(self, name: str) -> asyncio.Event:
        """Return the event that actions with this gate wait for."""
        return self.gates.setdefault(name, asyncio.Event())

    def _fixed(self, action_type: str, kind: ActionKind) -> Any:
        @action(type=action_type, title=action_type, kind=kind, outcomes=BRANCHES)
        async def fixed(config: FixedConfig, attempt: ActionAttempt) -> dict[str, Any]:
            log = self.logs[attempt.execution_id]
            log.started.append(attempt.action_id)
            log.order.append(("start", attempt.action_id))
            log.read[attempt.action_name] = config.read
            try:
                await asyncio.sleep(config.sleep)
                if config.gate:
                    await self.gate(config.gate).wait()
            except asyncio.CancelledError:
                log.cancelled.append(attempt.action_id)
                raise
            if log.started.count(attempt.action_id) in config.away_starts:
                raise StorageUnavailableError("storage is away")
            if attempt.number <= config.fail_attempts:
                raise TransientError(f"attempt {attempt.number} fails")
            if config.refuse:
                raise RefusedError(config.refuse)
            log.order.append(("end", attempt.action_id))
            return config.result

        return fixed

    def worker(
        self,
        kinds: Mapping[str, ActionKind],
        runner: WorkflowRunner | None = None,
        *,
        max_cached_workflows: int = 1_000,
    ) -> Worker:
        """Return a worker that runs these action types."""
        people = [
            one
            for one in builtin_actions(Resources())
            if one.spec.type in {"approval_request", "delay"} - kinds.keys()
        ]
        fixed = [self._fixed(name, kind) for name, kind in kinds.items()]
        self.registry = Registry([*fixed, *people])
        actions = ActionActivities(self.registry, self._values, self)
        records = RecordingActivities(self, self._values)
        asking = ApprovalActivities(self.registry, self._values, self.approvals, self._effects)
        return Worker(
            self.client,
            task_queue=TASK_QUEUE,
            workflows=WORKFLOWS,
            activities=[
                actions.execute_action,
                records.record_execution,
                records.offload_results,
                asking.open_approval,
                asking.record_decision,
                asking.close_approval,
                asking.remind_approvers,
            ],
            workflow_runner=runner or UnsandboxedWorkflowRunner(),
            max_cached_workflows=max_cached_workflows,
        )

    async def record(self, record: ExecutionRecord) -> None:
        """Keep the report for the test, and pass it on."""
        if self.away_reports:
            self.away_reports -= 1
            raise StorageUnavailableError("storage is away")
        self.logs[record.execution_id].reports.append(record)
        await self._recorder.record(record)

    async def start(
        self,
        graph: GraphDefinition,
        trigger_data: Mapping[str, Any] | None = None,
        options: RunOptions | None = None,
    ) -> Run:
        """Start the workflow of a graph."""
        execution_id = ExecutionId(str(uuid4()))
        log = self.logs[execution_id] = RunLog()
        handle = await self.client.start_workflow(
            EXECUTE_GRAPH_WORKFLOW,
            WorkflowInput(
                rule_id=RuleId(str(uuid4())),
                execution_id=execution_id,
                graph=graph,
                trigger_data=dict(trigger_data or {}),
                rule_name="test",
                interpreter_version=max(INTERPRETERS),
                policies={kind.type: kind.policy for kind in self.registry.types()},
                options=options or RunOptions(),
            ),
            id=f"test-{execution_id}",
            task_queue=TASK_QUEUE,
            result_type=WorkflowOutput,
        )
        return Run(handle, log)

    async def run(
        self,
        graph: GraphDefinition,
        trigger_data: Mapping[str, Any] | None = None,
        options: RunOptions | None = None,
    ) -> tuple[WorkflowOutput, RunLog]:
        """Run a graph to its end."""
        run = await self.start(graph, trigger_data, options)
        return await run.handle.result(), run.log


def with_results(
    graph: GraphDefinition, results: Mapping[str, Mapping[str, Any]]
) -> GraphDefinition:
    """Return the graph with each result in the config of its action."""
    return GraphDefinition(
        [
            ActionNode(
                action.id,
                action.name,
                action.action_type,
                {**action.config, "result": dict(results.get(action.id, {}))},
            )
            for action in graph.actions
        ],
        graph.edges,
    )
