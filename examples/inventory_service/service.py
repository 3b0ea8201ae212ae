"""Takes requests from RabbitMQ, answers after a moment."""

import asyncio
import json
import logging
import random
from typing import Any

import aio_pika
import asyncpg
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage, AbstractRobustConnection

from examples.inventory_service.stock import reserve
from examples.inventory_service.tracing import answering

ACTION_TYPE = "allocate_inventory"
PREFETCH = 16
PUBLISH_SECONDS = 10
RETRY_SECONDS = 10
"""A request that cannot be answered waits so long; 20 deliveries last some three minutes."""

_logger = logging.getLogger(__name__)


class InventoryService:
    """Answers requests.

    Args:
        pool: of its own tables.
        prefix: of the engine's exchanges and queues.
        think: seconds that an answer takes at most.
    """

    def __init__(self, pool: asyncpg.Pool, *, prefix: str = "ichor", think: float = 1.0) -> None:
        self._pool = pool
        self._prefix = prefix
        self._think = think

    async def run(self, connection: AbstractRobustConnection, stop: asyncio.Event) -> None:
        """Consume until `stop` is set."""
        async with connection.channel(publisher_confirms=True, on_return_raises=True) as channel:
            await channel.set_qos(prefetch_count=PREFETCH)
            queue = await channel.declare_queue(
                f"{self._prefix}.requests.{ACTION_TYPE}",
                durable=True,
                arguments={
                    "x-queue-type": "quorum",
                    "x-delivery-limit": 20,
                    "x-dead-letter-exchange": f"{self._prefix}.dead-letters",
                    "x-dead-letter-strategy": "at-least-once",
                    "x-overflow": "reject-publish",
                },
            )
            # Declared as the engine declares it, so that neither has to be there first.
            actions = f"{self._prefix}.actions"
            await channel.declare_exchange(actions, "topic", durable=True)
            await queue.bind(actions, routing_key=ACTION_TYPE)

            async def take(message: AbstractIncomingMessage) -> None:
                # An error returns the message; after 20 deliveries it becomes a dead letter.
                async with message.process(requeue=True):
                    try:
                        with answering(message, queue.name) as headers:
                            await self._answer(channel, message, headers)
                    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                        # Its deliveries must not be used up while the database is away for a while.
                        _logger.exception("A request cannot be answered now")
                        await asyncio.sleep(RETRY_SECONDS)
                        raise

            tag = await queue.consume(take)
            _logger.info("Consuming %s", queue.name)
            await stop.wait()
            await queue.cancel(tag)

    async def _answer(
        self, channel: AbstractChannel, message: AbstractIncomingMessage, headers: dict[str, str]
    ) -> None:
        request: dict[str, Any] = json.loads(message.body)
        if request.get("version", 1) != 1:
            raise ValueError(f"message version {request['version']} is not known")
        await asyncio.sleep(random.uniform(0, self._think))  # noqa: S311 - not a secret
        result = await reserve(self._pool, request["request_id"], request["payload"])
        reply = {
            "version": 1,
            "reply_token": request["reply_token"],
            "success": True,
            "result": result,
        }
        await channel.default_exchange.publish(
            aio_pika.Message(
                json.dumps(reply).encode(),
                headers=dict(headers),
                content_type="application/json",
                delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
                message_id=f"{request['request_id']}/{request['attempt']}",
                correlation_id=request["request_id"],
            ),
            message.reply_to or f"{self._prefix}.replies",
            mandatory=True,
            timeout=PUBLISH_SECONDS,
        )
        _logger.info("Answered %s: %s", request["request_id"], result["status"])
