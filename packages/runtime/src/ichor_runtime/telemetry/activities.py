"""Telemetry of every activity: a span, ids in its logs, its duration, ends of executions."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import structlog
from opentelemetry import trace
from opentelemetry.trace import Status, StatusCode
from temporalio import activity
from temporalio.exceptions import ApplicationError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from ichor_core import telemetry as names
from ichor_core.contract import ActionActivityInput, ActionActivityOutput, ExecutionRecord
from ichor_runtime.telemetry.action_metrics import measured_attempt
from ichor_runtime.telemetry.execution_metrics import note_end

_tracer = trace.get_tracer(__name__)
_logger = structlog.get_logger(__name__)


class ObservedActivities(Interceptor):
    """Wraps every activity of a worker."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        """Return the wrapped activity."""
        return _Observed(next)


class _Observed(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        call = input.args[0] if input.args else None
        action = call if isinstance(call, ActionActivityInput) else None
        with (
            structlog.contextvars.bound_contextvars(**_ids(call)),
            measured_attempt(action),
            _attempt(action),
        ):
            with structlog.contextvars.bound_contextvars(**_action_name(call)):
                result = await self.next.execute_activity(input)
            record = _stored_record(call, result)
            if record is not None:
                note_end(record)
            return result


def _stored_record(call: object, result: object) -> ExecutionRecord | None:
    """Return the record that an activity has stored, if it has stored one."""
    if isinstance(call, ExecutionRecord):
        return call
    if isinstance(call, ActionActivityInput) and isinstance(result, ActionActivityOutput):
        return call.closing if result.recorded else None
    return None


@contextmanager
def _attempt(action: ActionActivityInput | None) -> Generator[None]:
    info = activity.info()
    values: dict[str, str | int] = {
        "temporal.workflow.id": info.workflow_id or "",
        "temporal.workflow.run_id": info.workflow_run_id or "",
        "temporal.activity.type": info.activity_type,
        names.ACTION_ATTEMPT: info.attempt,
    }
    name = info.activity_type
    if action is not None:
        name = f"run {action.action_type}"
        values[names.EXECUTION_ID] = action.execution_id
        values[names.RULE_ID] = action.rule_id
        values[names.ACTION_ID] = action.action_id
        values[names.ACTION_NAME] = action.action_name
        values[names.ACTION_TYPE] = action.action_type
    with _tracer.start_as_current_span(
        name,
        attributes=values,
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        try:
            yield
        except Exception as error:
            kind = error.type if isinstance(error, ApplicationError) else None
            kind = kind or type(error).__name__
            span.set_attribute("error.type", kind)
            span.set_status(Status(StatusCode.ERROR, str(error)))
            # Without a traceback: unexpected errors are logged with one where they are raised.
            _logger.warning(
                "Attempt failed",
                **_action_name(action),
                activity=info.activity_type,
                attempt=info.attempt,
                error_type=kind,
                error=error.message if isinstance(error, ApplicationError) else str(error),
            )
            raise


def _ids(call: object) -> dict[str, str]:
    """Return the ids of execution and rule in the argument of an activity."""
    return _texts(call, "execution_id", "rule_id")


def _action_name(call: object) -> dict[str, str]:
    return _texts(call, "action_name")


def _texts(call: object, *names: str) -> dict[str, str]:
    found = {name: getattr(call, name, None) for name in names}
    return {name: value for name, value in found.items() if isinstance(value, str)}
