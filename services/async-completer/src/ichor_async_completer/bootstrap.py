"""Composes a completer of its parts; each can be given, and has a production default."""

import asyncio
from contextlib import AsyncExitStack

import asyncpg
import structlog
from temporalio.client import Client

from ichor_activities import AsyncCompleter, ReplyTokens
from ichor_async_completer.health import CompleterHealth
from ichor_async_completer.replies.consumer import ConsumerOptions, ReplyConsumer
from ichor_async_completer.replies.result_schemas import ResultSchemas
from ichor_async_completer.settings import CompleterSettings
from ichor_edgestore.action_types import PostgresActionTypeStore
from ichor_edgestore.database import open_pool_patiently
from ichor_edgestore.executions import PostgresValueStore
from ichor_runtime.amqp import Topology, read_keys
from ichor_runtime.health import health_server
from ichor_runtime.temporal import connect

_logger = structlog.get_logger(__name__)


async def run(
    settings: CompleterSettings,
    stop: asyncio.Event,
    *,
    client: Client | None = None,
    pool: asyncpg.Pool | None = None,
) -> None:
    """Complete actions until `stop` is set, then finish the replies in hand.

    Args:
        settings: see `CompleterSettings`.
        stop: ends it.
        client: a connected client.
        pool: connections to the database.
    """
    health = CompleterHealth()
    async with AsyncExitStack() as stack:
        port = await stack.enter_async_context(
            health_server(
                health.checks,
                host=settings.host,
                port=settings.port,
                metrics_port=settings.metrics_port,
            )
        )
        _logger.info("Completer starting", health=f"http://{settings.host}:{port}/health/ready")
        starting = asyncio.create_task(_connect(settings, client, pool, stack, health))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not starting.done():
            starting.cancel()
            await asyncio.gather(starting, return_exceptions=True)
            return
        consumer = await starting
        await consumer.run(stop)
        _logger.info("Completer stopping")


async def _connect(
    settings: CompleterSettings,
    client: Client | None,
    pool: asyncpg.Pool | None,
    stack: AsyncExitStack,
    health: CompleterHealth,
) -> ReplyConsumer:
    if pool is None:
        pool = await open_pool_patiently(
            settings.database_url.get_secret_value(),
            max_size=settings.database_pool_size,
            application="ichor-async-completer",
        )
        stack.push_async_callback(pool.close)
    health.pool = pool
    health.client = client = client or await connect(settings.temporal)
    health.consumer = consumer = ReplyConsumer(
        ConsumerOptions(
            url=settings.amqp_url.get_secret_value(),
            topology=Topology(settings.amqp_prefix),
            prefetch=settings.prefetch,
            hold_seconds=settings.hold_seconds,
            grace_seconds=settings.shutdown_grace_seconds,
        ),
        AsyncCompleter(client, PostgresValueStore(pool)),
        ReplyTokens(read_keys(settings.reply_token_keys)),
        ResultSchemas(PostgresActionTypeStore(pool).get_action_types),
        health.probe,
    )
    return consumer
