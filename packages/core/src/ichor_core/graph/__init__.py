"""Graphs: definition, edge types, traversal, branches, drawing."""

from ichor_core.graph.branches import ClosedBranch, closed_branches
from ichor_core.graph.definition import ActionEdge, ActionNode, GraphDefinition
from ichor_core.graph.executor import GraphExecutor
from ichor_core.graph.mermaid import to_mermaid
from ichor_core.graph.traversal import topological_order

__all__ = [
    "ActionEdge",
    "ActionNode",
    "ClosedBranch",
    "GraphDefinition",
    "GraphExecutor",
    "closed_branches",
    "to_mermaid",
    "topological_order",
]
