"""Calls storage by activities that never give up.

Storage may be away for hours; waits beyond the threshold are timers, so no worker is held.
"""

from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy

_UNTIL_IT_WORKS = RetryPolicy(
    initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(minutes=1)
)
_ATTEMPT = timedelta(seconds=30)
_THRESHOLD = timedelta(seconds=5)


async def call_storage_durably(activity: str, argument: Any, summary: str) -> None:
    """Run the activity until it succeeds, but not before history has the events that led to it.

    An update is not in the history until its workflow task is complete, and the server may drop the
    task and with it the update: a local activity would have run by then.
    """
    await workflow.execute_activity(
        activity,
        argument,
        start_to_close_timeout=_ATTEMPT,
        retry_policy=_UNTIL_IT_WORKS,
        summary=summary,
    )


async def call_storage(activity: str, argument: Any, summary: str, result_type: Any = None) -> Any:
    """Run the activity until it succeeds and return its result."""
    return await workflow.execute_local_activity(
        activity,
        argument,
        result_type=result_type,
        start_to_close_timeout=_ATTEMPT,
        retry_policy=_UNTIL_IT_WORKS,
        local_retry_threshold=_THRESHOLD,
        summary=summary,
    )
