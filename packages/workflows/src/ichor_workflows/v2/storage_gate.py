"""Where actions wait while our own storage is away.

All actions of a run wait for one activity, which the server repeats until it succeeds: however long
storage is away and however many actions wait, the history hardly grows.
"""

import asyncio
from datetime import datetime, timedelta

from temporalio import workflow

from ichor_core.contract import RECORD_EXECUTION_ACTIVITY, ExecutionRecord
from ichor_core.ids import ExecutionId
from ichor_workflows.v2.storage_call import call_storage_durably

_LONGEST_PAUSE_SECONDS = 60
_DOUBLINGS = 6


class StorageGate:
    """Lets actions through once storage answers.

    Args:
        execution_id: whose progress is stored to find out.
        started_at: when it started.
    """

    def __init__(self, execution_id: ExecutionId, started_at: datetime) -> None:
        self._execution_id = execution_id
        self._started_at = started_at
        self._closed: asyncio.Task[None] | None = None

    async def wait(self, outages: int) -> None:
        """Return when storage answers, and not at once to an action that meets it away again.

        Args:
            outages: how often in a row the action met it away.
        """
        if self._closed is None:
            self._closed = asyncio.create_task(self._ask())
        # The task is everybody's: one action that is cancelled must not end it.
        await asyncio.shield(self._closed)
        if outages > 1:
            seconds = min(2 ** min(outages - 2, _DOUBLINGS), _LONGEST_PAUSE_SECONDS)
            await workflow.sleep(timedelta(seconds=seconds), summary="storage was away")

    async def _ask(self) -> None:
        running = ExecutionRecord(
            execution_id=self._execution_id, status="running", started_at=self._started_at
        )
        try:
            await call_storage_durably(RECORD_EXECUTION_ACTIVITY, running, "storage is away")
        finally:
            self._closed = None
