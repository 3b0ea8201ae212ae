"""The steps of a run: an action, or a closed branch, from its start to the actions ready by it."""

import asyncio
from collections.abc import Callable
from typing import cast

from temporalio import workflow
from temporalio.exceptions import FailureError

from ichor_core import exact_json
from ichor_core.contract import (
    ActionActivityInput,
    ActionState,
    BranchInput,
    ExecutionRecord,
    WorkflowInput,
)
from ichor_core.execution import EndStatus
from ichor_core.graph import ActionNode, ClosedBranch
from ichor_core.ids import ActionId
from ichor_workflows.tracing import action_span, current_context, note_failure
from ichor_workflows.v1.branch_call import branch_input, branch_workflow_id, call_branch
from ichor_workflows.v1.graph_state import GraphState
from ichor_workflows.v1.kinds import Kind, kind_of, policy_of
from ichor_workflows.v1.recording import MAX_ACTIONS_A_REPORT
from ichor_workflows.v1.scheduler import Scheduler
from ichor_workflows.v1.task_budget import TaskBudget
from ichor_workflows.v1.waiting import Waits

Closing = Callable[[EndStatus], ExecutionRecord]
"""Makes the record of an execution that ends like this when its last action succeeds."""


class Steps:
    """Takes the steps of one run.

    Args:
        start: the workflow's input.
        version: of the interpreter, for child workflows.
        graph: is told how each step ended.
        waits: keeps the durable waits.
    """

    def __init__(
        self, start: WorkflowInput | BranchInput, version: int, graph: GraphState, waits: Waits
    ) -> None:
        self._start = start
        self._version = version
        self._graph = graph
        self._waits = waits
        self._budget = TaskBudget(start.options.max_task_bytes)
        self.trace = current_context()
        """The trace context to which the spans of actions belong."""
        self.branches: dict[ActionId, str] = {}
        """Child workflows that run now: head of the branch → workflow id."""
        self.closing: Closing | None = None
        self.closed_as: EndStatus | None = None
        """The end that the last action stored with its own, if it did."""

    async def take_action(self, action_id: ActionId, scheduler: Scheduler) -> list[ActionId]:
        """Run an action; return the actions that are ready by it."""
        action = self._graph.get(action_id)
        kind = kind_of(action, self._start.policies)
        state = self._graph.progress.of(action_id)
        with action_span(action, self._start.execution_id, self.trace) as span:
            try:
                if not self._waits.is_waiting(action_id):
                    await self._budget.wait()
                    state.started_at = workflow.now()
                    await self._begin(action, kind, state, scheduler)
                if kind.wait is not None:
                    scheduler.park(action_id)
                    state.result = await kind.wait(self._waits, action_id)
            except (FailureError, asyncio.CancelledError) as error:
                if scheduler.is_handing_over:
                    raise
                note_failure(span, self._graph.progress.fail(action, error), state.attempts)
                self._graph.marking.fail(action_id)
                return []
        assert state.result is not None
        state.finished_at = workflow.now()
        return self._graph.complete(action, state.result)

    async def _begin(
        self, action: ActionNode, kind: Kind, state: ActionState, scheduler: Scheduler
    ) -> None:
        """Run the action up to its durable wait, if it has one."""
        call = ActionActivityInput(
            action_id=action.id,
            action_name=action.name,
            action_type=action.action_type,
            config=action.config,
            context=self._graph.context_of(action.id),
            rule_id=self._start.rule_id,
            execution_id=self._start.execution_id,
        )
        if kind.may_close:
            call.closing = self._closing_report(action, scheduler)
        if kind.sends_input:
            self._budget.spend(len(exact_json.encode(call)))
        limits = policy_of(action, self._start.policies).limits_for(action.limits)
        output = await kind.begin(call, limits, self._waits)
        if output is None:
            state.attempts = 1
            return
        if kind.sends_output:
            self._budget.spend(len(exact_json.encode(output)))
        if call.closing is not None and output.recorded:
            self.closed_as = cast(EndStatus, call.closing.status)
        state.attempts = output.attempts
        state.result = output.result

    def _closing_report(self, action: ActionNode, scheduler: Scheduler) -> ExecutionRecord | None:
        """Return the record of the execution if it ends when this action succeeds."""
        ends_all = scheduler.has_one_left and self._graph.is_last(action.id)
        if self.closing is None or not ends_all or self._graph.undecided:
            return None
        report = self.closing(self._graph.end_status())
        return report if len(report.actions) <= MAX_ACTIONS_A_REPORT else None

    async def take_branch(self, branch: ClosedBranch) -> list[ActionId]:
        """Run a closed branch as a child workflow; return the actions that are ready by it."""
        await self._budget.wait()
        head = self._graph.get(branch.head)
        self._graph.progress.of(head.id).started_at = workflow.now()
        call = branch_input(self._start, head, branch, self._graph.cut(branch), self._version)
        self._budget.spend(len(exact_json.encode(call)))
        self.branches[head.id] = branch_workflow_id(head)
        try:
            output = await call_branch(call)
        except (FailureError, asyncio.CancelledError) as error:
            self._graph.progress.fail(head, error)
            self._graph.marking.fail(head.id)
            return []
        finally:
            del self.branches[head.id]
        return self._graph.adopt(branch, output)
