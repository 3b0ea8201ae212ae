"""A workflow of one activity, in a module that the sandbox loads with everything it imports."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

from ichor_core.contract import ActionActivityInput, ActionActivityOutput
from ichor_runtime.temporal.converter import data_converter


@workflow.defn
class Double:
    """Runs the activity that it is told."""

    @workflow.run
    async def run(self, call: ActionActivityInput) -> ActionActivityOutput:
        assert data_converter is not None
        return await workflow.execute_activity(
            call.action_type,
            call,
            result_type=ActionActivityOutput,
            start_to_close_timeout=timedelta(seconds=5),
            retry_policy=RetryPolicy(maximum_attempts=2),
        )
