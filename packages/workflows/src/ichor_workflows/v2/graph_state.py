"""The graph of one run, and how far it has come: marking, results, failures, action states."""

from collections.abc import Collection, Container
from datetime import datetime
from typing import Any

from temporalio import workflow

from ichor_core.contract import ActionState, BranchInput, BranchOutput, Carried, WorkflowInput
from ichor_core.execution import (
    BranchGraph,
    ContextPlan,
    EndStatus,
    Marking,
    cut_branch,
    end_status,
)
from ichor_core.expressions import MergedContext
from ichor_core.graph import ActionNode, ClosedBranch, GraphExecutor
from ichor_core.ids import ActionId
from ichor_workflows.v2.progress import Progress


class GraphState:
    """The graph of one run and its state.

    Args:
        start: the workflow's input: graph, policies of its types, input from the run before.
        context: trigger data, and results from outside the graph.
    """

    def __init__(self, start: WorkflowInput | BranchInput, context: MergedContext) -> None:
        carried = start.carried
        self.executor = GraphExecutor(start.graph)
        self.marking = Marking(self.executor, carried.marking if carried else "")
        self.progress = Progress(carried, start.execution_id)
        self._plan = ContextPlan(
            self.executor, start.policies, {*context.action_results, *context.without_result}
        )
        self._trigger_data = context.trigger_data
        self._results = dict(context.action_results)
        self.runs = 1
        """Runs of the workflow so far, this one included."""
        self.first_started_at: datetime = workflow.info().start_time
        if carried:
            self._results.update(carried.results)
            self.runs = carried.runs + 1
            self.first_started_at = carried.first_started_at or self.first_started_at

    def get(self, action_id: ActionId) -> ActionNode:
        """Return an action of the graph."""
        return self.executor.get_action(action_id)

    def is_last(self, action_id: ActionId) -> bool:
        """Say whether no edge leaves an action."""
        return not self.executor.targets[self.executor.number[action_id]]

    def context_of(self, action_id: ActionId) -> MergedContext:
        """Return the trigger fields and results that an action's config references."""
        needs = self._plan.needs(self.executor.number[action_id])
        return needs.context(self._trigger_data, self._results)

    def cut(self, branch: ClosedBranch) -> BranchGraph:
        """Return a closed branch with the context that its actions need."""
        return cut_branch(self.executor, self._plan, branch, self._trigger_data, self._results)

    def complete(self, action: ActionNode, result: dict[str, Any]) -> list[ActionId]:
        """Note the result of an action; return the actions that are ready by it."""
        self._results[action.name] = result
        return self.marking.complete(action.id, result)

    def adopt(self, branch: ClosedBranch, output: BranchOutput) -> list[ActionId]:
        """Take over the output of a child workflow; return the actions that are ready by it."""
        # The child has recorded its actions, the head among them.
        self.progress.forget(branch.head)
        self._results.update(output.action_results)
        self.progress.failures.extend(output.failures)
        return self.marking.adopt(branch.members, output.marking)

    @property
    def undecided(self) -> list[ActionId]:
        """Actions that wait although nothing runs: those of a cycle, and all that follow them."""
        return self.marking.with_status("waiting")

    def end_status(self) -> EndStatus:
        """Return how a finished run of the whole graph ended."""
        return end_status(self.executor, self.marking.with_status("failed"))

    def results_named(self, names: Collection[str]) -> dict[str, dict[str, Any]]:
        """Return the results of completed actions with these names."""
        return {name: self._results[name] for name in names if name in self._results}

    def live_results(self, exports: Collection[str]) -> dict[str, dict[str, Any]]:
        """Return the results that are exported, or that an action yet to end references."""
        statuses = self.marking.statuses()
        actions = self.executor.actions
        live = set(exports) | {
            name
            for name, readers in self._plan.readers().items()
            if any(statuses[actions[reader].id] in ("waiting", "running") for reader in readers)
        }
        return {name: self._results[name] for name in self._results if name in live}

    def states(self, begun: Container[ActionId]) -> list[ActionState]:
        """Return the state of each action, ordered by id.

        Args:
            begun: the actions that run; others that the marking calls running are held back.
        """
        return self.progress.states(self.marking.statuses(), begun)

    def carry(self, exports: Collection[str]) -> Carried:
        """Return the input of the next run, without durable waits.

        Args:
            exports: names of actions whose results are referenced outside the graph.
        """
        return Carried(
            marking=self.marking.to_text(),
            failures=self.progress.failures,
            results=self.live_results(exports),
            runs=self.runs,
            first_started_at=self.first_started_at,
        )
