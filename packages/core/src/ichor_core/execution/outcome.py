"""End status of an execution, from the actions that failed."""

from collections.abc import Collection
from typing import Literal

from ichor_core.graph.branches import detached_actions
from ichor_core.graph.executor import GraphExecutor
from ichor_core.ids import ActionId

EndStatus = Literal["completed", "completed_with_failures", "failed"]


def end_status(executor: GraphExecutor, failed: Collection[ActionId]) -> EndStatus:
    """Return the status: failures on detached branches alone do not fail the execution."""
    if not failed:
        return "completed"
    detached = detached_actions(executor)
    return "completed_with_failures" if all(one in detached for one in failed) else "failed"
