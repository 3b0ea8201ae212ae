"""Reports what became of an execution to storage, by local activities that never give up."""

from collections.abc import Sequence
from datetime import timedelta

from msgspec.structs import replace
from temporalio import workflow
from temporalio.common import RetryPolicy

from ichor_core import exact_json
from ichor_core.contract import (
    OFFLOAD_RESULTS_ACTIVITY,
    RECORD_EXECUTION_ACTIVITY,
    ActionState,
    Carried,
    ExecutionRecord,
)

# Storage may be away for hours; waits beyond the threshold are timers, so no worker is held.
_UNTIL_IT_WORKS = RetryPolicy(
    initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(minutes=1)
)
_ATTEMPT = timedelta(seconds=30)
_THRESHOLD = timedelta(seconds=5)
MAX_ACTIONS_A_REPORT = 500
MAX_CARRIED_BYTES = 500_000
"""Results larger than this, all together, leave the input of the next run."""


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
        await _call(RECORD_EXECUTION_ACTIVITY, running, "record progress")
    await _call(
        RECORD_EXECUTION_ACTIVITY, replace(report, actions=list(pieces[-1])), "record execution"
    )


async def shrink(carried: Carried) -> Carried:
    """Return what the next run gets, with large results replaced by references."""
    if len(exact_json.encode(carried.results)) <= MAX_CARRIED_BYTES:
        return carried
    return await workflow.execute_local_activity(
        OFFLOAD_RESULTS_ACTIVITY,
        carried,
        result_type=Carried,
        start_to_close_timeout=_ATTEMPT,
        retry_policy=_UNTIL_IT_WORKS,
        local_retry_threshold=_THRESHOLD,
        summary="offload results",
    )


async def _call(activity: str, report: ExecutionRecord, summary: str) -> None:
    await workflow.execute_local_activity(
        activity,
        report,
        start_to_close_timeout=_ATTEMPT,
        retry_policy=_UNTIL_IT_WORKS,
        local_retry_threshold=_THRESHOLD,
        summary=summary,
    )
