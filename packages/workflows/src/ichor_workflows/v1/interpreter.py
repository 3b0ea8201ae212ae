"""Interprets a graph: version 1.

The marking decides what runs; this module starts it, waits for it and tells the marking how it
ended. Every action is an asyncio task that ends by starting what became ready, so nothing waits
for a wave and nothing recurses. A change that alters which commands a history leads to goes into
an interpreter of a new version, beside this one.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any, ClassVar, cast

from temporalio import workflow
from temporalio.exceptions import FailureError

from ichor_core import exact_json
from ichor_core.action_type import ActionPolicy
from ichor_core.contract import (
    ActionActivityInput,
    ActionState,
    BranchInput,
    Carried,
    ExecutionRecord,
    WorkflowInput,
    approval_result,
)
from ichor_core.execution import ContextPlan, EndStatus, Marking, cut_branch, end_status
from ichor_core.expressions import MergedContext
from ichor_core.graph import ActionNode, ClosedBranch, GraphExecutor, closed_branches
from ichor_core.ids import ActionId
from ichor_workflows.tracing import (
    action_span,
    current_context,
    note_decisions,
    note_failure,
)
from ichor_workflows.v1.action_call import call_action, open_approval
from ichor_workflows.v1.branch_call import branch_input, branch_workflow_id, call_branch
from ichor_workflows.v1.progress import Progress
from ichor_workflows.v1.recording import MAX_ACTIONS_A_REPORT
from ichor_workflows.v1.task_budget import TaskBudget
from ichor_workflows.v1.waiting import Waits, close_approval

UNKNOWN_TYPE_POLICY = ActionPolicy("sync")
"""How an action of a type without policy runs; its activity then says that the type is unknown."""


class Interpreter:
    """Runs one graph, or the rest of it after continue-as-new.

    Args:
        start: the workflow's input: whose graph it is, how its types run, what was carried over.
        context: trigger data, and results from outside the graph.
    """

    version: ClassVar[int] = 1

    def __init__(self, start: WorkflowInput | BranchInput, context: MergedContext) -> None:
        self._start = start
        self._executor = GraphExecutor(start.graph)
        self._plan = ContextPlan(
            self._executor, start.policies, {*context.action_results, *context.without_result}
        )
        self._trigger_data = context.trigger_data
        self._results = dict(context.action_results)
        carried = start.carried
        self._marking = Marking(self._executor, carried.marking if carried else "")
        self._progress = Progress(carried, start.execution_id)
        self.failures = self._progress.failures
        self.first_started_at: datetime = workflow.info().start_time
        self.runs = 1
        if carried:
            self._results.update(carried.results)
            self.runs = carried.runs + 1
            self.first_started_at = carried.first_started_at or self.first_started_at
        self._closed: dict[ActionId, ClosedBranch] = {
            branch.head: branch
            for branch in closed_branches(self._executor, start.options.child_min_actions)
            if not any(self._waits_durably(member) for member in branch.members)
        }
        self.waits = Waits(carried)
        self.branches: dict[ActionId, str] = {}
        """Child workflows that run now: head of the branch → workflow id."""
        self._queue: deque[ActionId] = deque()
        self._local_queue: deque[ActionId] = deque()
        self._tasks: dict[ActionId, asyncio.Task[None]] = {}
        self._parked: dict[ActionId, None] = {}
        """Those of the tasks that wait durably."""
        self._local_running = 0
        self._started = 0
        self._stopping = False
        self._handing_over = False
        self._budget = TaskBudget(start.options.max_task_bytes)
        self._settled: asyncio.Future[None] | None = None
        self._trace = current_context()
        self._closing: Callable[[EndStatus], ExecutionRecord] | None = None
        self.closed_as: EndStatus | None = None
        """How the last action reported the end, where it did."""

    async def run(self, closing: Callable[[EndStatus], ExecutionRecord] | None = None) -> bool:
        """Run until nothing runs any more.

        Args:
            closing: makes the report of an execution that ends like that when its last action
                succeeds; a local action then stores it along with its own end.

        Returns:
            Whether the graph is done; if not, the workflow is to continue as new.
        """
        self._closing = closing
        self._trace = current_context()
        self._settled = asyncio.get_running_loop().create_future()
        for action_id in self._marking.start():
            if action_id in self.waits.approvals or action_id in self.waits.wakes:
                self._launch(action_id)
            else:
                self._enqueue([action_id])
        self._start_what_is_ready()
        self._settle_if_idle()
        try:
            await self._settled
        except asyncio.CancelledError:
            await self._stop()
            raise
        await self._hand_over()
        return self._marking.is_finished

    def _enqueue(self, action_ids: Collection[ActionId]) -> None:
        for action_id in action_ids:
            local = self._policy_of(self._executor.get_action(action_id)).kind == "local"
            in_child = action_id in self._closed
            (self._local_queue if local and not in_child else self._queue).append(action_id)

    def _start_what_is_ready(self) -> None:
        options = self._start.options
        while self._queue and self._active < options.max_in_flight and not self._holds_back():
            self._begin(self._queue.popleft())
        while (
            self._local_queue
            and self._local_running < options.max_local_in_flight
            and not self._holds_back()
        ):
            self._local_running += 1
            self._begin(self._local_queue.popleft(), local=True)

    def _holds_back(self) -> bool:
        """Say whether nothing more may start in this run; the first action always may."""
        if self._stopping:
            return True
        if not self._started:
            return False
        info = workflow.info()
        return (
            self._started >= self._start.options.continue_as_new_after_actions
            or info.get_current_history_length() >= self._start.options.continue_as_new_after_events
            or info.is_continue_as_new_suggested()
        )

    @property
    def _active(self) -> int:
        return len(self._tasks) - len(self._parked)

    def _begin(self, action_id: ActionId, *, local: bool = False) -> None:
        self._started += 1
        self._launch(action_id, local=local)

    def _launch(self, action_id: ActionId, *, local: bool = False) -> None:
        self._tasks[action_id] = asyncio.create_task(self._run_one(action_id, local=local))

    async def _run_one(self, action_id: ActionId, *, local: bool) -> None:
        try:
            branch = self._closed.get(action_id)
            if branch is None:
                ready = await self._run_action(self._executor.get_action(action_id))
            else:
                ready = await self._run_branch(branch)
        except Exception as error:
            # A fault of the interpreter, not of an action: it must fail the workflow task, which
            # is repeated once the fault is mended, and not vanish with this asyncio task.
            if self._settled is not None and not self._settled.done():
                self._settled.set_exception(error)
            return
        finally:
            del self._tasks[action_id]
            self._parked.pop(action_id, None)
            self._local_running -= local
        self._enqueue(ready)
        self._start_what_is_ready()
        self._settle_if_idle()

    def _settle_if_idle(self) -> None:
        if self._settled is None or self._settled.done() or self._active:
            return
        if not self._parked or self._holds_back():
            self._settled.set_result(None)

    async def _hand_over(self) -> None:
        """Let go of what waits durably; the next run waits on."""
        self._handing_over = True
        waiting = list(self._tasks.values())
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    def _park(self, action_id: ActionId) -> None:
        self._parked[action_id] = None
        self._start_what_is_ready()
        self._settle_if_idle()

    def _waits_durably(self, action_id: ActionId) -> bool:
        kind = self._policy_of(self._executor.get_action(action_id)).kind
        return kind in ("human", "timer")

    async def _run_action(self, action: ActionNode) -> list[ActionId]:
        state = self._progress.of(action.id)
        with action_span(action, self._start.execution_id, self._trace) as span:
            try:
                if action.id not in self.waits.approvals and action.id not in self.waits.wakes:
                    await self._budget.wait()
                    state.started_at = workflow.now()
                    await self._act(action, state)
                if self._waits_durably(action.id):
                    self._park(action.id)
                    state.result = await self._wait(action)
            except (FailureError, asyncio.CancelledError) as error:
                if self._handing_over:
                    raise
                note_failure(span, self._progress.fail(action, error), state.attempts)
                self._marking.fail(action.id)
                return []
        assert state.result is not None
        state.finished_at = workflow.now()
        self._results[action.name] = state.result
        return self._marking.complete(action.id, state.result)

    async def _act(self, action: ActionNode, state: ActionState) -> None:
        """Do what the action does, up to where it waits durably."""
        policy = self._policy_of(action)
        needs = self._plan.needs(self._executor.number[action.id])
        context = needs.context(self._trigger_data, self._results)
        call = ActionActivityInput(
            action_id=action.id,
            action_name=action.name,
            action_type=action.action_type,
            config=action.config,
            context=context,
            rule_id=self._start.rule_id,
            execution_id=self._start.execution_id,
        )
        if policy.kind == "human":
            call.workflow_id = workflow.info().workflow_id
            self.waits.approvals[action.id] = await open_approval(call, policy, action.limits)
            state.attempts = 1
            return
        if policy.kind == "local":
            call.closing = self._closing_report(action)
        else:
            self._budget.spend(len(exact_json.encode(call)))
        output = await call_action(call, policy, action.limits)
        if policy.kind == "local":
            self._budget.spend(len(exact_json.encode(output)))
        if call.closing is not None and output.recorded:
            self.closed_as = cast(EndStatus, call.closing.status)
        if policy.kind == "timer":
            self.waits.wakes[action.id] = output.result
        state.attempts = output.attempts
        state.result = output.result

    async def _wait(self, action: ActionNode) -> dict[str, Any]:
        approval = self.waits.approvals.get(action.id)
        if approval is None:
            return await self.waits.for_time(action.id)
        outcome = await self.waits.for_decision(approval)
        note_decisions(approval.decisions)
        return approval_result(approval, outcome)

    def _closing_report(self, action: ActionNode) -> ExecutionRecord | None:
        """Return what the execution reports if this action succeeds and nothing follows it."""
        alone = len(self._tasks) == 1 and not self._queue and not self._local_queue
        is_last = not self._executor.targets[self._executor.number[action.id]]
        if self._closing is None or not alone or not is_last or self.undecided:
            return None
        report = self._closing(self.end_status())
        return report if len(report.actions) <= MAX_ACTIONS_A_REPORT else None

    async def _run_branch(self, branch: ClosedBranch) -> list[ActionId]:
        await self._budget.wait()
        head = self._executor.get_action(branch.head)
        self._progress.of(head.id).started_at = workflow.now()
        cut = cut_branch(self._executor, self._plan, branch, self._trigger_data, self._results)
        call = branch_input(self._start, head, branch, cut, self.version)
        self._budget.spend(len(exact_json.encode(call)))
        self.branches[head.id] = branch_workflow_id(head)
        try:
            output = await call_branch(call)
        except (FailureError, asyncio.CancelledError) as error:
            self._progress.fail(head, error)
            self._marking.fail(head.id)
            return []
        finally:
            del self.branches[head.id]
        # The child has recorded its actions, the head among them.
        self._progress.forget(head.id)
        self._results.update(output.action_results)
        self.failures.extend(output.failures)
        return self._marking.adopt(branch.members, output.marking)

    async def _stop(self) -> None:
        """Cancel what runs and wait until it has ended."""
        self._stopping = True
        for task in list(self._tasks.values()):
            task.cancel()
        await asyncio.gather(*list(self._tasks.values()), return_exceptions=True)
        for approval in self.waits.approvals.values():
            await close_approval(approval, "withdrawn")
        self.waits.approvals.clear()

    def _policy_of(self, action: ActionNode) -> ActionPolicy:
        return self._start.policies.get(action.action_type, UNKNOWN_TYPE_POLICY)

    @property
    def runs_anything(self) -> bool:
        """Whether an action is running, or held back for the next run."""
        return not self._marking.is_finished

    @property
    def undecided(self) -> list[ActionId]:
        """Actions that wait although nothing runs: those of a cycle, and what follows them."""
        return self._marking.with_status("waiting")

    @property
    def marking_text(self) -> str:
        """The marking, written out."""
        return self._marking.to_text()

    def results_named(self, names: Collection[str]) -> dict[str, dict[str, Any]]:
        """Return the results of completed actions with these names."""
        return {name: self._results[name] for name in names if name in self._results}

    def end_status(self) -> EndStatus:
        """Return how a finished run of the whole graph ended."""
        return end_status(self._executor, self._marking.with_status("failed"))

    def states(self) -> list[ActionState]:
        """Return what is known of each action, ordered by id."""
        return self._progress.states(self._marking.statuses(), self._tasks)

    def unrecorded(self, *, at_end: bool) -> list[ActionState]:
        """Return the states to record: what changed since `mark_recorded`.

        Args:
            at_end: also those that never ran.
        """
        return [
            state
            for state in self.states()
            if self._progress.is_unrecorded(state.action_id)
            or (at_end and state.status in ("skipped", "blocked", "waiting"))
        ]

    def mark_recorded(self) -> None:
        """Note that what changed so far is stored."""
        self._progress.mark_recorded()

    def carry(self, exports: Collection[str] = ()) -> Carried:
        """Return what the next run needs: the marking, and results still referenced or exported."""
        statuses = self._marking.statuses()
        actions = self._executor.actions
        live = set(exports) | {
            name
            for name, readers in self._plan.readers().items()
            if any(statuses[actions[reader].id] in ("waiting", "running") for reader in readers)
        }
        return Carried(
            marking=self._marking.to_text(),
            failures=self.failures,
            approvals=self.waits.approvals,
            wakes=self.waits.wakes,
            results={name: self._results[name] for name in self._results if name in live},
            runs=self.runs,
            first_started_at=self.first_started_at,
        )
