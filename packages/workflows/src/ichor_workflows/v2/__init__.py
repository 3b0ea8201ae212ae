"""Version 2: every module that decides which commands a history of version 2 holds.

Beside these, only `ichor_core.graph` and `ichor_core.execution` decide that: the marking, closed
branches, and the context that an action needs.
"""

from ichor_workflows.v2.branch_run import BranchRun
from ichor_workflows.v2.graph_run import GraphRun

__all__ = [
    "BranchRun",
    "GraphRun",
]
