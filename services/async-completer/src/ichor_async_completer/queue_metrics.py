"""Metrics of queue lengths, read periodically while there is a connection."""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager

import structlog
from aio_pika.abc import AbstractChannel, AbstractConnection
from opentelemetry import metrics
from opentelemetry.metrics import CallbackOptions, Observation

from ichor_runtime.amqp import AMQP_ERRORS, Topology, declare_topology
from ichor_runtime.telemetry import is_measured

READ_SECONDS = 5.0

_logger = structlog.get_logger(__name__)


class QueueMetrics:
    """A gauge of the messages in the queues of replies and of dead letters.

    Without a connection it has no value.

    Args:
        topology: names the queues.
        seconds: between two readings.
    """

    def __init__(self, topology: Topology, seconds: float = READ_SECONDS) -> None:
        self._topology = topology
        self._seconds = seconds
        self._seen: dict[str, int] = {}
        metrics.get_meter(__name__).create_observable_gauge(
            "ichor.queue.messages",
            [self._observe],
            "{message}",
            "Messages ready in a queue, without those delivered and not yet acknowledged.",
        )

    @asynccontextmanager
    async def reading(self, connection: AbstractConnection) -> AsyncGenerator[None]:
        """Read the lengths while the context lasts, if the process is measured."""
        if not is_measured():
            yield
            return
        task = asyncio.create_task(self._read(connection))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait({task})
            self._seen = {}

    async def _read(self, connection: AbstractConnection) -> None:
        while True:
            try:
                async with await connection.channel() as channel:
                    await declare_topology(channel, self._topology)
                    while True:
                        await self._count(channel)
                        await asyncio.sleep(self._seconds)
            except AMQP_ERRORS as error:
                self._seen = {}
                _logger.debug("Queue lengths cannot be read", error=str(error))
            await asyncio.sleep(self._seconds)

    async def _count(self, channel: AbstractChannel) -> None:
        for name in (self._topology.replies, self._topology.dead_letters):
            queue = await channel.declare_queue(name, passive=True)
            self._seen[name] = queue.declaration_result.message_count or 0

    def _observe(self, _options: CallbackOptions) -> Iterable[Observation]:
        for name, count in list(self._seen.items()):
            yield Observation(count, {"messaging.destination.name": name})
