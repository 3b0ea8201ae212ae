"""Graphs: definition, edge types, traversal, branches, drawing."""

from ichor_core.graph.branches import ClosedBranch, closed_branches
from ichor_core.graph.definition import ActionEdge, ActionNode, GraphDefinition
from ichor_core.graph.edge_types import (
    EDGE_TYPES,
    OUTPUTS,
    START,
    EdgeTraits,
    EdgeType,
    Output,
    output_of_decision,
)
from ichor_core.graph.executor import GraphExecutor
from ichor_core.graph.mermaid import to_mermaid
from ichor_core.graph.traversal import topological_order

__all__ = [
    "EDGE_TYPES",
    "OUTPUTS",
    "START",
    "ActionEdge",
    "ActionNode",
    "ClosedBranch",
    "EdgeTraits",
    "EdgeType",
    "GraphDefinition",
    "GraphExecutor",
    "Output",
    "closed_branches",
    "output_of_decision",
    "to_mermaid",
    "topological_order",
]
