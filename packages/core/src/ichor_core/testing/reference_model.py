"""Reference model: the semantics computed the slow and obvious way, to compare the engine with.

It shares no code with the engine, not even the table of edge types: plain sets and repeated sweeps
over the definition, no index, no counters, no order.
"""

from collections.abc import Mapping
from typing import Any

from ichor_core.graph.definition import ActionEdge, GraphDefinition


def statuses(graph: GraphDefinition, results: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Return the final status of every action.

    Args:
        graph: a valid graph.
        results: by action id; `{"$error": …}` for an action that fails.
    """
    final: dict[str, str] = {}
    changed = True
    while changed:
        changed = False
        for action in graph.actions:
            if action.id in final:
                continue
            incoming = [edge for edge in graph.edges if edge.target_action_id == action.id]
            states = [_edge_state(edge, final, results) for edge in incoming]
            if "pending" in states:
                continue
            if "failed" in states:
                final[action.id] = "blocked"
            elif "taken" in states:
                failed = "$error" in results.get(action.id, {})
                final[action.id] = "failed" if failed else "completed"
            else:
                final[action.id] = "skipped"
            changed = True
    return final


def _edge_state(
    edge: ActionEdge, final: Mapping[str, str], results: Mapping[str, Mapping[str, Any]]
) -> str:
    if edge.source_action_id is None:
        return "taken"
    status = final.get(edge.source_action_id)
    if status is None:
        return "pending"
    if status in ("failed", "blocked"):
        return "failed"
    if status == "skipped":
        return "skipped"
    if edge.edge_type in ("true_branch", "false_branch"):
        branch = results.get(edge.source_action_id, {}).get("branch_taken")
        return "taken" if branch == edge.edge_type else "skipped"
    return "taken"


def reach(graph: GraphDefinition, start: str) -> set[str]:
    """Return an action and every action that can be reached from it."""
    found = {start}
    while True:
        more = {
            edge.target_action_id
            for edge in graph.edges
            if edge.source_action_id in found and edge.target_action_id not in found
        }
        if not more:
            return found
        found |= more


def detached(graph: GraphDefinition) -> set[str]:
    """Return the actions on detached branches: those that share no action with a sibling."""
    found: set[str] = set()
    for edge in graph.edges:
        siblings = [
            other
            for other in graph.edges
            if other is not edge
            and other.source_action_id == edge.source_action_id
            and {edge.edge_type, other.edge_type} != {"true_branch", "false_branch"}
        ]
        own = reach(graph, edge.target_action_id)
        shared = any(own & reach(graph, other.target_action_id) for other in siblings)
        if siblings and not shared:
            found |= own
    return found


def convergence_point(graph: GraphDefinition, heads: list[str]) -> str | None:
    """Return the action at which the branches meet, as the semantics define it."""
    common = reach(graph, heads[0])
    for head in heads[1:]:
        common &= reach(graph, head)
    nearest = [one for one in common if common <= reach(graph, one)]
    return nearest[0] if nearest else None


def end_status(graph: GraphDefinition, final: Mapping[str, str]) -> str:
    """Return how an execution with these final statuses ended."""
    failed = {action_id for action_id, status in final.items() if status == "failed"}
    if not failed:
        return "completed"
    return "completed_with_failures" if failed <= detached(graph) else "failed"
