"""The run loop: interprets a graph, or the rest of it after continue-as-new.

The marking decides what runs, the scheduler when, the table of kinds how.
"""

import asyncio
from collections.abc import Collection
from datetime import datetime
from typing import ClassVar

from msgspec.structs import replace

from ichor_core.contract import ActionState, BranchInput, Carried, FailureInfo, WorkflowInput
from ichor_core.execution import EndStatus
from ichor_core.expressions import MergedContext
from ichor_core.graph import ClosedBranch, closed_branches
from ichor_core.ids import ActionId
from ichor_workflows.tracing import current_context
from ichor_workflows.v2.graph_state import GraphState
from ichor_workflows.v2.kinds import Kind, kind_of
from ichor_workflows.v2.scheduler import Place, Scheduler
from ichor_workflows.v2.steps import Closing, Steps
from ichor_workflows.v2.task_budget import TaskBudget
from ichor_workflows.v2.waiting import Waits, close_approval


class Interpreter:
    """Runs one graph.

    Args:
        start: the workflow's input: graph, policies of its types, input from the run before.
        context: trigger data, and results from outside the graph.
    """

    version: ClassVar[int] = 2

    def __init__(self, start: WorkflowInput | BranchInput, context: MergedContext) -> None:
        self._start = start
        self._graph = GraphState(start, context)
        self.waits = Waits(start.carried)
        self._closed: dict[ActionId, ClosedBranch] = {
            branch.head: branch
            for branch in closed_branches(self._graph.executor, start.options.child_min_actions)
            if all(self._kind_of(member).wait is None for member in branch.members)
        }
        budget = TaskBudget(start.options.max_task_bytes)
        self._steps = Steps(start, self.version, self._graph, self.waits, budget)
        self._scheduler = Scheduler(start.options, budget, self._take, self._kind_or_branch)

    async def run(self, closing: Closing | None = None) -> bool:
        """Run until nothing runs any more.

        Args:
            closing: makes the record of an execution that ends like that when its last action
                succeeds; a local action then stores it along with its own end.

        Returns:
            Whether the graph is done; if not, the workflow is to continue as new.
        """
        self._steps.closing = closing
        self._steps.trace = current_context()
        start = self._graph.marking.start()
        resumed = [action_id for action_id in start if self.waits.is_waiting(action_id)]
        ready = [action_id for action_id in start if not self.waits.is_waiting(action_id)]
        try:
            await self._scheduler.run(resumed, ready)
        except asyncio.CancelledError:
            await self._stop()
            raise
        await self._scheduler.hand_over()
        return self._graph.marking.is_finished

    async def _take(self, action_id: ActionId, place: Place) -> list[ActionId]:
        branch = self._closed.get(action_id)
        if branch is None:
            return await self._steps.take_action(action_id, place, self._scheduler)
        return await self._steps.take_branch(branch, place)

    async def _stop(self) -> None:
        """Cancel running actions, and withdraw pending approvals."""
        await self._scheduler.stop()
        for approval in self.waits.approvals.values():
            await close_approval(approval, "withdrawn")
        self.waits.approvals.clear()

    def _kind_of(self, action_id: ActionId) -> Kind:
        return kind_of(self._graph.get(action_id), self._start.policies)

    def _kind_or_branch(self, action_id: ActionId) -> Kind | None:
        return None if action_id in self._closed else self._kind_of(action_id)

    @property
    def runs(self) -> int:
        """Runs of the workflow so far, this one included."""
        return self._graph.runs

    @property
    def first_started_at(self) -> datetime:
        """When the first of these runs started."""
        return self._graph.first_started_at

    @property
    def failures(self) -> list[FailureInfo]:
        """Failures so far, in the order in which they happened."""
        return self._graph.progress.failures

    @property
    def branches(self) -> dict[ActionId, str]:
        """Child workflows that run now: head of the branch → workflow id."""
        return self._steps.branches

    @property
    def closed_as(self) -> EndStatus | None:
        """The end that the last action stored with its own, if it did."""
        return self._steps.closed_as

    @property
    def is_finished(self) -> bool:
        """Whether no action is running, or held back for the next run."""
        return self._graph.marking.is_finished

    @property
    def undecided(self) -> list[ActionId]:
        """Actions that wait although nothing runs: those of a cycle, and all that follow them."""
        return self._graph.undecided

    @property
    def marking_text(self) -> str:
        """The marking, written out."""
        return self._graph.marking.to_text()

    def results_named(self, names: Collection[str]) -> dict[str, dict[str, object]]:
        """Return the results of completed actions with these names."""
        return self._graph.results_named(names)

    def end_status(self) -> EndStatus:
        """Return how a finished run of the whole graph ended."""
        return self._graph.end_status()

    def states(self) -> list[ActionState]:
        """Return the state of each action, ordered by id."""
        return self._graph.states(self._scheduler.begun)

    def unrecorded(self, *, at_end: bool) -> list[ActionState]:
        """Return the states to record: those that changed since `mark_recorded`.

        Args:
            at_end: also those that never ran.
        """
        return [
            state
            for state in self.states()
            if self._graph.progress.is_unrecorded(state.action_id)
            or (at_end and state.status in ("skipped", "blocked", "waiting"))
        ]

    def mark_recorded(self) -> None:
        """Note that all changes so far are stored."""
        self._graph.progress.mark_recorded()

    def carry(self, exports: Collection[str] = ()) -> Carried:
        """Return the input of the next run: marking, durable waits, results still needed."""
        return replace(
            self._graph.carry(exports), approvals=self.waits.approvals, wakes=self.waits.wakes
        )
