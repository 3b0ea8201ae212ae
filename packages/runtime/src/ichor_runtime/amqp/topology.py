"""The topology in RabbitMQ: names, declarations, connections.

Requests go to the topic exchange `<prefix>.actions` with the action type as routing key; each
system binds queues of its own there. Replies go to the exchange `<prefix>.replies`, or straight to
the queue of the same name. Unusable messages end in the queue `<prefix>.dead-letters`.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractExchange, AbstractQueue
from aio_pika.exceptions import AMQPError, ChannelInvalidStateError
from msgspec import Struct
from pamqp.common import FieldValue

CONNECT_SECONDS = 10.0
HEARTBEAT_SECONDS = 15
DELIVERY_LIMIT = 20
"""Deliveries of a message, returned or lost with its consumer, until it is dead-lettered."""

AMQP_ERRORS = (AMQPError, ChannelInvalidStateError, OSError, TimeoutError)
"""Errors of a connection while the broker is away or does not answer."""


class Topology(Struct, frozen=True):
    """The names; a prefix separates deployments that share a broker."""

    prefix: str = "ichor"

    @property
    def actions(self) -> str:
        """The exchange of requests."""
        return f"{self.prefix}.actions"

    @property
    def replies(self) -> str:
        """The exchange of replies, and the queue behind it."""
        return f"{self.prefix}.replies"

    @property
    def dead_letters(self) -> str:
        """The exchange and the queue of dead letters."""
        return f"{self.prefix}.dead-letters"

    def request_queue(self, action_type: str) -> str:
        """The default name of the queue of requests of one type."""
        return f"{self.prefix}.requests.{action_type}"

    @property
    def queue_arguments(self) -> dict[str, FieldValue]:
        """The arguments of a queue from which nothing is lost; RabbitMQ 3.10 sets no limit."""
        return {
            "x-queue-type": "quorum",
            "x-delivery-limit": DELIVERY_LIMIT,
            "x-dead-letter-exchange": self.dead_letters,
            "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish",
        }


async def declare_topology(channel: AbstractChannel, topology: Topology) -> AbstractExchange:
    """Declare the exchanges and queues of the engine; existing ones are left unchanged.

    Returns:
        The exchange of requests.
    """
    dead = await channel.declare_exchange(topology.dead_letters, "fanout", durable=True)
    graveyard = await channel.declare_queue(
        topology.dead_letters, durable=True, arguments={"x-queue-type": "quorum"}
    )
    await graveyard.bind(dead)
    replies = await channel.declare_exchange(topology.replies, "fanout", durable=True)
    queue = await channel.declare_queue(
        topology.replies, durable=True, arguments=topology.queue_arguments
    )
    await queue.bind(replies)
    return await channel.declare_exchange(topology.actions, "topic", durable=True)


async def declare_request_queue(
    channel: AbstractChannel, topology: Topology, action_type: str
) -> AbstractQueue:
    """Declare the queue of requests of one action type; the topology must be there."""
    queue = await channel.declare_queue(
        topology.request_queue(action_type), durable=True, arguments=topology.queue_arguments
    )
    await queue.bind(topology.actions, routing_key=action_type)
    return queue


async def delete_topology(
    channel: AbstractChannel, topology: Topology, action_types: tuple[str, ...] = ()
) -> None:
    """Delete all exchanges and queues of a prefix, with their messages; public for tests."""
    for queue in map(topology.request_queue, action_types):
        await channel.queue_delete(queue)
    for name in (topology.replies, topology.dead_letters):
        await channel.queue_delete(name)
        await channel.exchange_delete(name)
    await channel.exchange_delete(topology.actions)


async def connect(url: str, name: str) -> AbstractConnection:
    """Return a connection without automatic recovery: its user reconnects.

    Args:
        url: of the broker.
        name: shown by the broker's tools.

    Raises:
        AMQP_ERRORS: the broker is away or refuses.
    """
    return await aio_pika.connect(
        url,
        timeout=CONNECT_SECONDS,
        heartbeat=HEARTBEAT_SECONDS,
        client_properties={"connection_name": name},
    )


@asynccontextmanager
async def open_channel(url: str, name: str) -> AsyncGenerator[AbstractChannel]:
    """Yield a channel with confirms that raises for messages without a queue; for short work."""
    connection = await connect(url, name)
    async with connection:
        yield await connection.channel(publisher_confirms=True, on_return_raises=True)
