"""The activities by which a workflow records its execution."""

from msgspec.structs import replace
from temporalio import activity

from ichor_core.contract import (
    OFFLOAD_RESULTS_ACTIVITY,
    RECORD_EXECUTION_ACTIVITY,
    Carried,
    ExecutionRecord,
    ExecutionRecorder,
    ValueStore,
    offload,
)

MAX_CARRIED_RESULT_BYTES = 2_000
"""Size of one result in the input of the next run, once all results together are too large."""


class RecordingActivities:
    """Stores records of executions.

    Args:
        recorder: stores records of executions.
        values: stores large values.
    """

    def __init__(self, recorder: ExecutionRecorder, values: ValueStore) -> None:
        self._recorder = recorder
        self._values = values

    @activity.defn(name=RECORD_EXECUTION_ACTIVITY)
    async def record_execution(self, report: ExecutionRecord) -> None:
        """Store a record; repeating one changes nothing."""
        await self._recorder.record(report)

    @activity.defn(name=OFFLOAD_RESULTS_ACTIVITY)
    async def offload_results(self, carried: Carried) -> Carried:
        """Return the input of the next run with most of its results by reference."""
        results = {
            name: await offload(result, self._values, max_bytes=MAX_CARRIED_RESULT_BYTES)
            for name, result in carried.results.items()
        }
        return replace(carried, results=results)
