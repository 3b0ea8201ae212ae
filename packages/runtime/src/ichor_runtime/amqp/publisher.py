"""Publishes the requests of actions to RabbitMQ."""

import asyncio
import contextlib
import logging

import stamina
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
_CLOSE_SECONDS = 2.0
CONTENT_TYPE = "application/json"
REQUEST_TYPE = "ichor.action-request"
IDEMPOTENCY_KEY = "idempotency-key"
MESSAGE_VERSION_HEADER = "message-version"

_logger = logging.getLogger(__name__)


def is_away(error: Exception) -> bool:
    """Say whether publishing again may help: the broker was away, and did not refuse."""
    return isinstance(error, AMQP_ERRORS) and not isinstance(error, DeliveryError)


def reason_of(error: Exception) -> str:
    """Return the text of an error, or its type where it has none, as timeouts do."""
    return str(error) or type(error).__name__


class AmqpRequestPublisher:
    """Publishes persistent, confirmed messages; connects when there is something to publish.

    After an error of the connection a message is published again over a new one; consumers
    recognise a message that comes twice by its id.

    Args:
        url: of the broker.
        topology: is declared with each connection.
        name: shown by the broker's tools.
        timeout: seconds for one try, connecting included.
        patience: seconds for which it retries while the broker is away, such as for a restart.
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
        try:
            async for attempt in stamina.retry_context(
                is_away,
                attempts=None,
                timeout=max(self._patience, 0.001),  # zero would not mean one try
                wait_initial=0.1,
                wait_max=2,
                wait_jitter=0.1,
            ):
                with attempt:
                    await self._try(message, request.action_type)
        except ReturnedError as error:
            raise PublishError(
                f"no queue takes requests of type {request.action_type!r}; "
                f"bind one to the exchange {self._topology.actions}"
            ) from error
        except DeliveryError as error:
            raise PublishError("the broker refuses the request; is the queue full?") from error
        except AMQP_ERRORS as error:
            raise PublishError(f"RabbitMQ cannot be reached: {reason_of(error)}") from error

    async def _try(self, message: Message, routing_key: str) -> None:
        exchange = None
        try:
            async with asyncio.timeout(self._timeout):
                exchange = await self._connected()
                await exchange.publish(message, routing_key, mandatory=True)
        except DeliveryError:
            raise
        except AMQP_ERRORS as error:
            _logger.warning("RabbitMQ cannot be reached: %s", reason_of(error))
            # A broken connection must not be used again; another message may have made a new one.
            if exchange is not None and exchange is self._exchange:
                await self.close()
            raise

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
            raise PublishError(f"RabbitMQ cannot be reached: {reason_of(error)}") from error

    async def close(self) -> None:
        """Close the connection; the next message makes a new one."""
        connection, self._connection = self._connection, None
        self._channel = self._exchange = None
        if connection is not None:
            with contextlib.suppress(*AMQP_ERRORS):  # it is abandoned, whatever its state
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
