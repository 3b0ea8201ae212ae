"""Execution of a graph: the marking, the end status, the context of each action."""

from ichor_core.execution.branch_graph import BranchGraph, cut_branch
from ichor_core.execution.context_plan import ContextPlan
from ichor_core.execution.marking import ActionStatus, Marking
from ichor_core.execution.outcome import EndStatus, end_status

__all__ = [
    "ActionStatus",
    "BranchGraph",
    "ContextPlan",
    "EndStatus",
    "Marking",
    "cut_branch",
    "end_status",
]
