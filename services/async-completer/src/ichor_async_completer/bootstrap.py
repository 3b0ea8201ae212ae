"""Puts a completer together; every part can be given, each has its production default."""

import asyncio
from contextlib import AsyncExitStack

import asyncpg
import structlog
from temporalio.client import Client

from ichor_activities import AsyncCompleter, ReplyTokens
from ichor_async_completer.replies.consumer import ConsumerOptions, ReplyConsumer
from ichor_async_completer.replies.result_schemas import ResultSchemas
from ichor_async_completer.settings import CompleterSettings
from ichor_edgestore.action_types import ActionTypeStore
from ichor_edgestore.database import open_pool_patiently
from ichor_edgestore.executions import ValueStore
from ichor_runtime.amqp import Topology, read_keys
from ichor_runtime.errors import UnhealthyError
from ichor_runtime.health import Check, health_server
from ichor_runtime.temporal import check_temporal, connect

_logger = structlog.get_logger(__name__)


class Surroundings:
    """What the completer reports to; what is not there yet is not healthy."""

    def __init__(self) -> None:
        self.pool: asyncpg.Pool | None = None
        self.client: Client | None = None
        self.consumer: ReplyConsumer | None = None

    @property
    def checks(self) -> list[Check]:
        """What readiness depends on."""
        return [
            Check("database", self.check_database),
            Check("temporal", self.check_temporal),
            Check("replies", self.check_consumer),
        ]

    async def check_database(self) -> None:
        """Ask the database anything."""
        if self.pool is None:
            raise UnhealthyError("not connected yet")
        await self.pool.fetchval("SELECT 1")

    async def check_temporal(self) -> None:
        """Ask Temporal for the namespace."""
        if self.client is None:
            raise UnhealthyError("not connected yet")
        await check_temporal(self.client)

    async def check_consumer(self) -> None:
        """Ask whether replies are consumed."""
        if self.consumer is None:
            raise UnhealthyError("not connected yet")
        await self.consumer.check()

    async def probe(self) -> None:
        """Raise unless replies can be reported."""
        await self.check_temporal()
        await self.check_database()


async def run(
    settings: CompleterSettings,
    stop: asyncio.Event,
    *,
    client: Client | None = None,
    pool: asyncpg.Pool | None = None,
) -> None:
    """Complete actions until `stop` is set, then finish what is in hand.

    Args:
        settings: see `CompleterSettings`.
        stop: ends it.
        client: a connected client.
        pool: connections to the database.
    """
    surroundings = Surroundings()
    async with AsyncExitStack() as stack:
        port = await stack.enter_async_context(
            health_server(
                surroundings.checks,
                host=settings.host,
                port=settings.port,
                metrics_port=settings.metrics_port,
            )
        )
        _logger.info("Completer starts", health=f"http://{settings.host}:{port}/health/ready")
        starting = asyncio.create_task(_connect(settings, client, pool, stack, surroundings))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not starting.done():
            starting.cancel()
            await asyncio.gather(starting, return_exceptions=True)
            return
        consumer = await starting
        await consumer.run(stop)
        _logger.info("Completer stops")


async def _connect(
    settings: CompleterSettings,
    client: Client | None,
    pool: asyncpg.Pool | None,
    stack: AsyncExitStack,
    surroundings: Surroundings,
) -> ReplyConsumer:
    if pool is None:
        pool = await open_pool_patiently(
            settings.database_url.get_secret_value(),
            max_size=settings.database_pool_size,
            application="ichor-async-completer",
        )
        stack.push_async_callback(pool.close)
    surroundings.pool = pool
    surroundings.client = client = client or await connect(settings.temporal)
    surroundings.consumer = ReplyConsumer(
        ConsumerOptions(
            url=settings.amqp_url.get_secret_value(),
            topology=Topology(settings.amqp_prefix),
            prefetch=settings.prefetch,
            hold_seconds=settings.hold_seconds,
            grace_seconds=settings.shutdown_grace_seconds,
        ),
        AsyncCompleter(client, ValueStore(pool)),
        ReplyTokens(read_keys(settings.reply_token_keys)),
        ResultSchemas(ActionTypeStore(pool).get_action_types),
        surroundings.probe,
    )
    return surroundings.consumer
