"""Branch graphs: closed branches cut out of a graph, to run on their own."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from ichor_core.execution.context_plan import ContextPlan
from ichor_core.expressions.context import MergedContext
from ichor_core.graph.branches import ClosedBranch
from ichor_core.graph.definition import ActionEdge, GraphDefinition
from ichor_core.graph.edge_types import START
from ichor_core.graph.executor import GraphExecutor


class BranchGraph(Struct, frozen=True):
    """A closed branch as a graph of its own, with its context and its exports."""

    graph: GraphDefinition
    context: MergedContext
    """Trigger fields and results from outside that its actions reference."""
    exports: list[str]
    """Names of its actions whose results are referenced outside, sorted."""


def cut_branch(
    executor: GraphExecutor,
    plan: ContextPlan,
    branch: ClosedBranch,
    trigger_data: Mapping[str, Any],
    results: Mapping[str, dict[str, Any]],
) -> BranchGraph:
    """Return the branch as a graph that starts at its head.

    Args:
        executor: the whole graph.
        plan: the needs of its actions.
        branch: one of `closed_branches(executor, …)`.
        trigger_data: the trigger data of the execution.
        results: results of completed actions, by name.
    """
    numbers = [executor.number[action_id] for action_id in branch.members]
    members = set(branch.members)
    inside = {executor.actions[number].name for number in numbers}
    edges = [ActionEdge(branch.head, START)]
    for number in numbers:
        edges.extend(edge for edge in executor.outgoing[number] if edge.target_action_id in members)
    context = MergedContext()
    for number in numbers:
        seen = plan.needs(number).context(trigger_data, results)
        context.trigger_data.update(seen.trigger_data)
        context.action_results.update(
            (name, result) for name, result in seen.action_results.items() if name not in inside
        )
        context.without_result.extend(seen.without_result)
    context.without_result = sorted({*context.without_result} - inside)
    chosen = set(numbers)
    exports = sorted(
        name
        for name, readers in plan.readers().items()
        if name in inside and any(reader not in chosen for reader in readers)
    )
    graph = GraphDefinition([executor.actions[number] for number in numbers], edges)
    return BranchGraph(graph, context, exports)
