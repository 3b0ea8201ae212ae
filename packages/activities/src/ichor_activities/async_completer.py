"""Asynchronous activity completion, by the reply token of a request."""

from datetime import timedelta

from temporalio.client import AsyncActivityHandle, Client
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from ichor_activities.failures import shorten
from ichor_activities.reply_token import ReplyToken
from ichor_core.contract import ActionActivityOutput, ReplyError, ValueStore, offload

_RPC_TIMEOUT = timedelta(seconds=10)
_MAX_TYPE = 200


class AsyncCompleter:
    """Reports the results and errors in replies to Temporal.

    Args:
        client: a client of Temporal with the converter of `ichor_runtime`.
        values: stores large values.
    """

    def __init__(self, client: Client, values: ValueStore) -> None:
        self._client = client
        self._values = values

    async def complete(self, token: ReplyToken, result: dict[str, object]) -> bool:
        """Complete the attempt with a result, its large values stored and replaced.

        Returns:
            Whether the attempt was still waiting; otherwise nothing is changed.

        Raises:
            RPCError: Temporal is away, or refuses.
        """
        output = ActionActivityOutput(
            action_id=token.action_id,
            action_name=token.action_name,
            result=await offload(result, self._values),
            attempts=token.attempt,
        )
        try:
            await self._handle(token).complete(output, rpc_timeout=_RPC_TIMEOUT)
        except RPCError as error:
            return _is_stale(error)
        return True

    async def fail(self, token: ReplyToken, error: ReplyError) -> bool:
        """Fail the attempt; a retryable error is retried within the limits of the action.

        Returns and raises as `complete`.
        """
        failure = ApplicationError(
            shorten(error.message),
            token.attempt,
            type=error.type[:_MAX_TYPE],
            non_retryable=not error.retryable,
        )
        try:
            await self._handle(token).fail(failure, rpc_timeout=_RPC_TIMEOUT)
        except RPCError as failed:
            return _is_stale(failed)
        return True

    def _handle(self, token: ReplyToken) -> AsyncActivityHandle:
        return self._client.get_async_activity_handle(task_token=token.task_token)


def _is_stale(error: RPCError) -> bool:
    """Return False where the attempt is over; raise any other error again."""
    if error.status is RPCStatusCode.NOT_FOUND:
        return False
    raise error
