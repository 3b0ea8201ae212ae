"""Puts the processes together: the HTTP server, the relay, or both in one."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import structlog
from temporalio.client import Client

from ichor_edgestore.action_types import PostgresActionTypeStore
from ichor_edgestore.alerts import PostgresAlertStore
from ichor_edgestore.approvals import PostgresApprovalStore
from ichor_edgestore.database import open_pool
from ichor_edgestore.events import PostgresDispatchQueue, PostgresEventStore
from ichor_edgestore.executions import (
    PostgresBacklogStore,
    PostgresExecutionStore,
    PostgresValueStore,
)
from ichor_edgestore.rules import PostgresRuleStore
from ichor_engine.approvals import Decider
from ichor_engine.events import EventIntake
from ichor_engine.executions import Canceller, ExecutionReader, Reconciler, Sweeper
from ichor_engine.relay import BacklogMetrics, Relay, StartInputs
from ichor_engine.rules import RuleEditor, RuleGraphs
from ichor_runtime.health import health_server, metrics_server
from ichor_runtime.telemetry import is_measured
from ichor_runtime.temporal import lazy_client
from ichor_trigger_api.health import checks
from ichor_trigger_api.http.dependencies import Dependencies
from ichor_trigger_api.settings import ApiSettings

Process = Callable[[ApiSettings, asyncio.Event], Coroutine[Any, Any, None]]
"""Runs until the event says that it should end."""

_logger = structlog.get_logger(__name__)


async def serve(settings: ApiSettings, stop: asyncio.Event) -> None:
    """Serve HTTP until told to stop, and start workflows unless other processes do."""
    # Here, so that a process that only relays loads no web framework.
    from ichor_trigger_api.app import create_app, observed
    from ichor_trigger_api.http.server import serve_http

    async with (
        open_connections(settings) as (pool, client),
        metrics_server(host=settings.host, port=settings.metrics_port),
        asyncio.TaskGroup() as tasks,
    ):
        wake = asyncio.Event()
        shows_metrics = settings.metrics_port is None
        dependencies = api_dependencies(pool, client, wake)
        app = observed(create_app(dependencies, shows_metrics=shows_metrics))
        tasks.create_task(serve_http(app, settings, stop))
        if settings.relay:
            tasks.create_task(_start_workflows(settings, pool, client, stop, wake))


async def relay(settings: ApiSettings, stop: asyncio.Event) -> None:
    """Start workflows until told to stop; the health of the process is served on its port."""
    async with (
        open_connections(settings) as (pool, client),
        health_server(
            checks(pool, client, starts_only=True),
            host=settings.host,
            port=settings.port,
            metrics_port=settings.metrics_port,
        ) as port,
    ):
        _logger.info("Relay started", health=f"http://{settings.host}:{port}/health/ready")
        await _start_workflows(settings, pool, client, stop)


@asynccontextmanager
async def open_connections(settings: ApiSettings) -> AsyncGenerator[tuple[asyncpg.Pool, Client]]:
    """Give the connections to the database and to Temporal while the context lasts.

    Nothing connects before it is used, so that the service starts, and says that it is not ready,
    while the database or Temporal is away.
    """
    client = await lazy_client(settings.temporal)
    pool = await open_pool(
        settings.database_url.get_secret_value(),
        min_size=0,
        max_size=settings.database_pool_size,
        application="ichor-trigger-api",
    )
    try:
        yield pool, client
    finally:
        await pool.close()


def api_dependencies(
    pool: asyncpg.Pool, client: Client, wake: asyncio.Event | None = None
) -> Dependencies:
    """Return the parts that the HTTP interface uses.

    Args:
        pool: connections to the database.
        client: a client of Temporal.
        wake: is set when an event was accepted: a relay in this process need not poll for it.
    """
    rules, action_types = PostgresRuleStore(pool), PostgresActionTypeStore(pool)
    executions, approvals = PostgresExecutionStore(pool), PostgresApprovalStore(pool)
    reconciler = Reconciler(executions, client)
    return Dependencies(
        action_types=action_types,
        alerts=PostgresAlertStore(pool),
        approvals=approvals,
        canceller=Canceller(executions, PostgresDispatchQueue(pool), reconciler, client),
        decider=Decider(approvals, executions, reconciler, client),
        executions=executions,
        health_checks=checks(pool, client),
        intake=EventIntake(PostgresEventStore(pool), wake),
        reader=ExecutionReader(executions, rules, approvals, reconciler),
        rule_editor=RuleEditor(rules),
        rule_graphs=RuleGraphs(rules, action_types),
        rules=rules,
    )


async def _start_workflows(
    settings: ApiSettings,
    pool: asyncpg.Pool,
    client: Client,
    stop: asyncio.Event,
    wake: asyncio.Event | None = None,
) -> None:
    executions = PostgresExecutionStore(pool)
    relay = Relay(
        dispatches=PostgresDispatchQueue(pool),
        executions=executions,
        inputs=StartInputs(
            PostgresRuleStore(pool), PostgresValueStore(pool), PostgresActionTypeStore(pool)
        ),
        client=client,
        wake=wake,
        concurrency=settings.relay_concurrency,
    )
    sweeper = Sweeper(executions, Reconciler(executions, client), settings.sweep_seconds)
    async with asyncio.TaskGroup() as tasks:
        if is_measured():
            tasks.create_task(BacklogMetrics(PostgresBacklogStore(pool)).run(stop))
        tasks.create_task(relay.run(stop))
        tasks.create_task(sweeper.run(stop))
