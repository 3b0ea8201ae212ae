"""The activity that asks another system to finish an action."""

from datetime import UTC, datetime, timedelta

from msgspec.structs import replace
from opentelemetry import trace
from temporalio import activity

from ichor_actions.errors import RefusedError, TransientError
from ichor_actions.execute import execute_action
from ichor_actions.registry import Registry
from ichor_activities.context_values import restore_context
from ichor_activities.failures import application_error
from ichor_activities.reply_token import ReplyToken, ReplyTokens
from ichor_activities.storage import begin_attempt
from ichor_core.contract import (
    EXECUTE_ASYNC_ACTION_ACTIVITY,
    ActionActivityInput,
    ActionActivityOutput,
    ActionRequest,
    EffectKey,
    RequestPublisher,
    ValueStore,
)
from ichor_core.errors import IchorError
from ichor_core.telemetry import format_traceparent

CLOCK_SKEW = timedelta(minutes=5)
"""Time for which a token outlives its attempt: Temporal decides whether a reply is late."""


class AsyncActionActivities:
    """Publishes the requests of actions that are completed from outside.

    Args:
        registry: the action types of this worker.
        values: stores large values.
        publisher: publishes requests; without one, these actions fail.
        tokens: seals reply tokens; without it, these actions fail.
    """

    def __init__(
        self,
        registry: Registry,
        values: ValueStore,
        publisher: RequestPublisher | None,
        tokens: ReplyTokens | None,
    ) -> None:
        self._registry = registry
        self._values = values
        self._publisher = publisher
        self._tokens = tokens

    @activity.defn(name=EXECUTE_ASYNC_ACTION_ACTIVITY)
    async def execute_async_action(self, call: ActionActivityInput) -> ActionActivityOutput:
        """Publish the request of one attempt; the reply completes it."""
        begin_attempt()
        attempt = call.failed_attempts + activity.info().attempt
        try:
            await self._ask(call, attempt)
        except Exception as error:
            if not isinstance(error, IchorError):
                activity.logger.exception(
                    "Action failed unexpectedly", extra={"action_name": call.action_name}
                )
            raise application_error(error, attempt) from error
        activity.raise_complete_async()

    async def _ask(self, call: ActionActivityInput, attempt: int) -> None:
        if self._publisher is None or self._tokens is None:
            raise RefusedError(
                "RabbitMQ is not configured: set AMQP_URL and REPLY_TOKEN_KEYS on the worker"
            )
        context = await restore_context(call.context, self._values)
        payload = await execute_action(self._registry, replace(call, context=context), attempt)
        info = activity.info()
        now = datetime.now(UTC)
        deadline = now + (info.start_to_close_timeout or timedelta(0))
        token = ReplyToken(
            task_token=info.task_token,
            execution_id=call.execution_id,
            action_id=call.action_id,
            action_name=call.action_name,
            attempt=attempt,
            expires_at=deadline + CLOCK_SKEW,
            action_type=call.action_type,
            traceparent=_traceparent(),
            sent_at=now,
        )
        request = ActionRequest(
            request_id=str(EffectKey(call.execution_id, call.action_id, call.visit)),
            reply_token=self._tokens.seal(token),
            action_type=call.action_type,
            payload=payload,
            execution_id=call.execution_id,
            rule_id=call.rule_id,
            action_id=call.action_id,
            action_name=call.action_name,
            attempt=attempt,
            sent_at=now,
            expires_at=deadline,
        )
        try:
            await self._publisher.publish(request)
        except IchorError as error:
            raise TransientError(f"the request was not published: {error}") from error


def _traceparent() -> str | None:
    span = trace.get_current_span().get_span_context()
    if not span.is_valid:
        return None
    return format_traceparent(span.trace_id, span.span_id, span.trace_flags)
