"""The activity that runs one action of kind local or sync."""

from datetime import UTC, datetime

from msgspec.structs import replace
from temporalio import activity

from ichor_actions.execute import execute_action
from ichor_actions.registry import Registry
from ichor_activities.context_values import restore_context
from ichor_activities.failures import application_error
from ichor_activities.heartbeat import heartbeats
from ichor_activities.storage import begin_attempt
from ichor_core.contract import (
    EXECUTE_ACTION_ACTIVITY,
    ActionActivityInput,
    ActionActivityOutput,
    ExecutionRecord,
    ExecutionRecorder,
    ValueStore,
    offload,
)
from ichor_core.errors import IchorError


class ActionActivities:
    """Runs actions of a registry.

    Args:
        registry: the action types of this worker.
        values: stores large values.
        recorder: stores records of executions.
    """

    def __init__(self, registry: Registry, values: ValueStore, recorder: ExecutionRecorder) -> None:
        self._registry = registry
        self._values = values
        self._recorder = recorder

    @activity.defn(name=EXECUTE_ACTION_ACTIVITY)
    async def execute_action(self, call: ActionActivityInput) -> ActionActivityOutput:
        """Run one attempt of an action and return its result, large values by reference."""
        begin_attempt()
        attempt = call.failed_attempts + activity.info().attempt
        try:
            async with heartbeats():
                context = await restore_context(call.context, self._values)
                result = await execute_action(
                    self._registry, replace(call, context=context), attempt
                )
                result = await offload(result, self._values)
        except Exception as error:
            if not isinstance(error, IchorError):
                activity.logger.exception(
                    "Action failed unexpectedly", extra={"action_name": call.action_name}
                )
            raise application_error(error, attempt) from error
        output = ActionActivityOutput(
            action_id=call.action_id, action_name=call.action_name, result=result, attempts=attempt
        )
        if call.closing is not None:
            output.recorded = await self._close(call.closing, output)
        return output

    async def _close(self, report: ExecutionRecord, output: ActionActivityOutput) -> bool:
        """Store the end of the execution, whose last action this was.

        A failure to store must not fail the action, which is done: then the workflow records it.
        """
        now = datetime.now(UTC)
        report.finished_at = now
        for state in report.actions:
            if state.action_id == output.action_id:
                state.status = "completed"
                state.finished_at = now
                state.attempts = output.attempts
                state.result = output.result
        try:
            await self._recorder.record(report)
        except Exception:
            activity.logger.warning("End not recorded; the workflow will record it", exc_info=True)
            return False
        return True
