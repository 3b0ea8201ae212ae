"""Reports of an execution to storage."""

from collections.abc import Sequence

from msgspec.structs import replace

from ichor_core import exact_json
from ichor_core.contract import (
    OFFLOAD_RESULTS_ACTIVITY,
    RECORD_EXECUTION_ACTIVITY,
    ActionState,
    Carried,
    ExecutionRecord,
)
from ichor_workflows.v2.storage_call import call_storage

MAX_ACTIONS_A_REPORT = 500
MAX_CARRIED_BYTES = 500_000
"""Size of all results together above which they leave the input of the next run."""


async def record(report: ExecutionRecord) -> None:
    """Store a report, in pieces where it has many actions; the end comes with the last piece."""
    pieces: list[Sequence[ActionState]] = [
        report.actions[start : start + MAX_ACTIONS_A_REPORT]
        for start in range(0, len(report.actions), MAX_ACTIONS_A_REPORT)
    ] or [[]]
    for piece in pieces[:-1]:
        running = replace(
            report, status="running", finished_at=None, error=None, actions=list(piece)
        )
        await call_storage(RECORD_EXECUTION_ACTIVITY, running, "record progress")
    await call_storage(
        RECORD_EXECUTION_ACTIVITY, replace(report, actions=list(pieces[-1])), "record execution"
    )


async def shrink(carried: Carried) -> Carried:
    """Return the input of the next run, with large results replaced by references."""
    if len(exact_json.encode(carried.results)) <= MAX_CARRIED_BYTES:
        return carried
    return await call_storage(OFFLOAD_RESULTS_ACTIVITY, carried, "offload results", Carried)
