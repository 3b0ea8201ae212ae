"""The Temporal workflows that interpret a graph; deterministic code only."""

from ichor_workflows.branch_workflow import ExecuteBranchUntilConvergence
from ichor_workflows.graph_workflow import ExecuteGraphWorkflow
from ichor_workflows.runner import PASSED_THROUGH, sandboxed_runner

WORKFLOWS = (ExecuteGraphWorkflow, ExecuteBranchUntilConvergence)
"""The workflows that a worker registers."""

__all__ = [
    "PASSED_THROUGH",
    "WORKFLOWS",
    "ExecuteBranchUntilConvergence",
    "ExecuteGraphWorkflow",
    "sandboxed_runner",
]
