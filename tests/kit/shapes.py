"""Small graphs, one for each kind of shape, and how to build more."""

from itertools import pairwise
from typing import Any
from uuid import UUID

from ichor_core.graph import ActionEdge, ActionNode, EdgeType, GraphDefinition
from ichor_core.ids import ActionId
from ichor_core.limits import Limits


def uid(number: int) -> ActionId:
    """Return the id of action number n."""
    return ActionId(str(UUID(int=number)))


def node(
    number: int, kind: str = "task", limits: Limits | None = None, **config: Any
) -> ActionNode:
    """Return an action named n1, n2, …"""
    return ActionNode(uid(number), f"n{number}", kind, config, limits)


def edge(source: int | None, target: int, kind: EdgeType = "sequence") -> ActionEdge:
    """Return an edge; without a source, from the start."""
    if source is None:
        return ActionEdge(uid(target), "start")
    return ActionEdge(uid(target), kind, uid(source))


def chain(*nodes: ActionNode) -> GraphDefinition:
    """Return the actions in a row."""
    edges = [ActionEdge(nodes[0].id, "start")]
    edges += [ActionEdge(later.id, "sequence", one.id) for one, later in pairwise(nodes)]
    return GraphDefinition(list(nodes), edges)


def fan(width: int, **config: Any) -> GraphDefinition:
    """Return an action, so many parallel ones behind it, and a join: numbers 1, 2 … width + 2."""
    last = width + 2
    middle = range(2, last)
    return GraphDefinition(
        [node(1), *(node(n, **config) for n in middle), node(last)],
        [
            edge(None, 1),
            *(edge(1, n, "parallel") for n in middle),
            *(edge(n, last) for n in middle),
        ],
    )


DIAMOND = fan(2)

NESTED = GraphDefinition(
    [node(n) for n in range(1, 8)],
    [
        edge(None, 1),
        edge(1, 2, "parallel"),
        edge(1, 3, "parallel"),
        edge(2, 4, "parallel"),
        edge(2, 5, "parallel"),
        edge(4, 6),
        edge(5, 6),
        edge(6, 7),
        edge(3, 7),
    ],
)

CROSSING = GraphDefinition(
    [
        node(1, result={"v": 1}),
        node(2, result={"v": 2, "branch_taken": "true_branch"}),
        node(3, result={"v": 3}),
        node(4, read="{{n2.v}}"),
        node(5, read="{{n3.v}}"),
        node(6, read="{{n1.v}} {{n2.v}} {{n3.v}}"),
        node(7),
    ],
    [
        edge(None, 1),
        edge(1, 2, "parallel"),
        edge(1, 3, "parallel"),
        edge(2, 4, "true_branch"),
        edge(3, 4),
        edge(3, 5),
        edge(2, 5, "always"),
        edge(2, 7, "false_branch"),
        edge(4, 6),
        edge(5, 6),
        edge(7, 6),
    ],
)
"""Joins that cross, and a dead path into the last of them: 7 is skipped."""


def condition(branch: str) -> GraphDefinition:
    """Return a condition with both branches, an `always` edge and a join of all three."""
    return GraphDefinition(
        [node(1, result={"branch_taken": branch}), *(node(n) for n in range(2, 6))],
        [
            edge(None, 1),
            edge(1, 2, "true_branch"),
            edge(1, 3, "false_branch"),
            edge(1, 4, "always"),
            edge(2, 5),
            edge(3, 5),
            edge(4, 5),
        ],
    )


def detached(**failing: Any) -> GraphDefinition:
    """Return two branches that never meet; the second one (3, then 4) can be made to fail."""
    return GraphDefinition(
        [node(1), node(2), node(3, **failing), node(4)],
        [edge(None, 1), edge(1, 2, "parallel"), edge(1, 3, "parallel"), edge(3, 4)],
    )


def joined(**failing: Any) -> GraphDefinition:
    """Return a diamond whose first branch can be made to fail, with a tail on the second."""
    return GraphDefinition(
        [node(1), node(2, **failing), node(3), node(4), node(5)],
        [*DIAMOND.edges, edge(3, 5)],
    )


def long_branches() -> GraphDefinition:
    """Return two closed branches of three actions each; the join reads a result of one."""
    return GraphDefinition(
        [
            *(node(n, result={"v": n}) for n in range(1, 8)),
            node(8, read="{{n4.v}}"),
        ],
        [
            edge(None, 1),
            edge(1, 2, "parallel"),
            edge(2, 3),
            edge(3, 4),
            edge(1, 5, "parallel"),
            edge(5, 6),
            edge(6, 7),
            edge(4, 8),
            edge(7, 8),
        ],
    )
