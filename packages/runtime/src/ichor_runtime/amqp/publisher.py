"""Publishes the requests of actions to RabbitMQ."""

import asyncio
import contextlib
import logging

from aio_pika import DeliveryMode, Message
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractExchange
from aio_pika.exceptions import DeliveryError
from aio_pika.exceptions import PublishError as ReturnedError
from opentelemetry.propagate import inject

from ichor_core import exact_json
from ichor_core.contract import ActionRequest
from ichor_runtime.amqp.spans import send_span
from ichor_runtime.amqp.topology import AMQP_ERRORS, Topology, connect, declare_topology
from ichor_runtime.errors import PublishError

PUBLISH_SECONDS = 10.0
PATIENCE_SECONDS = 30.0
_FIRST_WAIT_SECONDS = 0.1
_LONGEST_WAIT_SECONDS = 2.0
_CLOSE_SECONDS = 2.0
CONTENT_TYPE = "application/json"
REQUEST_TYPE = "ichor.action-request"
IDEMPOTENCY_KEY = "idempotency-key"
MESSAGE_VERSION_HEADER = "message-version"

_logger = logging.getLogger(__name__)


class AmqpRequestPublisher:
    """Publishes persistent, confirmed messages; connects when there is something to publish.

    After any trouble with the connection a message is sent again over a new one; whoever takes it
    knows it by its id, if it comes twice.

    Args:
        url: of the broker.
        topology: is declared with each connection.
        name: what the broker's tools show.
        timeout: seconds that one try may take, connecting included.
        patience: seconds for which a broker that is away is waited for: a restart takes so long.
    """

    def __init__(
        self,
        url: str,
        topology: Topology = Topology(),  # noqa: B008 - frozen
        *,
        name: str = "ichor-publisher",
        timeout: float = PUBLISH_SECONDS,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._url = url
        self._topology = topology
        self._name = name
        self._timeout = timeout
        self._patience = patience
        self._lock = asyncio.Lock()
        self._connection: AbstractConnection | None = None
        self._channel: AbstractChannel | None = None
        self._exchange: AbstractExchange | None = None

    async def publish(self, request: ActionRequest) -> None:
        """Send a request; returns once the broker has stored it in a queue.

        Raises:
            PublishError: no queue takes this type, the broker refuses or stays away.
        """
        body = exact_json.encode(request)
        with send_span(self._topology.actions, request.action_type, request.request_id, len(body)):
            await self._publish(request, body)

    async def _publish(self, request: ActionRequest, body: bytes) -> None:
        message = self._message(request, body)
        loop = asyncio.get_running_loop()
        give_up_at = loop.time() + self._patience
        wait = _FIRST_WAIT_SECONDS
        while True:
            exchange = None
            try:
                async with asyncio.timeout(self._timeout):
                    exchange = await self._connected()
                    await exchange.publish(message, request.action_type, mandatory=True)
                return
            except ReturnedError as error:
                raise PublishError(
                    f"no queue takes requests of type {request.action_type!r}; "
                    f"bind one to the exchange {self._topology.actions}"
                ) from error
            except DeliveryError as error:
                raise PublishError("the broker refuses the request; is the queue full?") from error
            except AMQP_ERRORS as error:
                # What hangs or is broken must not be met again; another message may have a new one.
                if exchange is not None and exchange is self._exchange:
                    await self.close()
                if loop.time() + wait > give_up_at:
                    reason = str(error) or type(error).__name__
                    raise PublishError(f"the broker cannot be reached: {reason}") from error
                _logger.warning("The broker cannot be reached now: %s", error)
            await asyncio.sleep(wait)
            wait = min(wait * 2, _LONGEST_WAIT_SECONDS)

    def _message(self, request: ActionRequest, body: bytes) -> Message:
        headers = {
            IDEMPOTENCY_KEY: request.request_id,
            MESSAGE_VERSION_HEADER: request.version,
        }
        trace: dict[str, str] = {}
        inject(trace)
        return Message(
            body,
            headers={**headers, **trace},
            content_type=CONTENT_TYPE,
            content_encoding="utf-8",
            delivery_mode=DeliveryMode.PERSISTENT,
            message_id=request.request_id,
            correlation_id=request.request_id,
            reply_to=self._topology.replies,
            timestamp=request.sent_at,
            type=REQUEST_TYPE,
        )

    async def check(self) -> None:
        """Connect, if there is no connection.

        Raises:
            PublishError: the broker is away.
        """
        try:
            async with asyncio.timeout(self._timeout):
                await self._connected()
        except AMQP_ERRORS as error:
            reason = str(error) or type(error).__name__
            raise PublishError(f"the broker cannot be reached: {reason}") from error

    async def close(self) -> None:
        """Close the connection; the next message makes a new one."""
        connection, self._connection = self._connection, None
        self._channel = self._exchange = None
        if connection is not None:
            with contextlib.suppress(*AMQP_ERRORS):  # it is given up, whatever its state
                async with asyncio.timeout(_CLOSE_SECONDS):
                    await connection.close()

    async def _connected(self) -> AbstractExchange:
        async with self._lock:
            channel, exchange = self._channel, self._exchange
            if channel is not None and exchange is not None and not channel.is_closed:
                return exchange
            await self.close()
            connection = self._connection = await connect(self._url, self._name)
            self._channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
            self._exchange = await declare_topology(self._channel, self._topology)
            return self._exchange
