"""What the service is made of."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import asyncpg
from msgspec import Struct, field
from temporalio.client import Client

from ichor_edgestore.action_types import PostgresActionTypeStore
from ichor_edgestore.alerts import PostgresAlertStore
from ichor_edgestore.approvals import PostgresApprovalStore
from ichor_edgestore.database import TRANSIENT_ERRORS, open_pool
from ichor_edgestore.events import PostgresDispatchQueue, PostgresEventStore
from ichor_edgestore.executions import PostgresExecutionStore, PostgresValueStore
from ichor_edgestore.rules import PostgresRuleStore
from ichor_runtime.temporal import lazy_client
from ichor_trigger_api.settings import ApiSettings

DATABASE_ERRORS = (*TRANSIENT_ERRORS, asyncpg.PostgresError)
"""What must not end a process that goes on by itself: the database is away, or not migrated yet."""


class Parts(Struct, frozen=True, kw_only=True):
    """The stores on one database, and the client of Temporal."""

    pool: asyncpg.Pool
    client: Client
    rules: PostgresRuleStore
    events: PostgresEventStore
    executions: PostgresExecutionStore
    dispatches: PostgresDispatchQueue
    action_types: PostgresActionTypeStore
    values: PostgresValueStore
    approvals: PostgresApprovalStore
    alerts: PostgresAlertStore
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when an event was accepted: a relay in this process need not wait for its next look."""


def make_parts(pool: asyncpg.Pool, client: Client) -> Parts:
    """Return the parts over these connections."""
    return Parts(
        pool=pool,
        client=client,
        rules=PostgresRuleStore(pool),
        events=PostgresEventStore(pool),
        executions=PostgresExecutionStore(pool),
        dispatches=PostgresDispatchQueue(pool),
        action_types=PostgresActionTypeStore(pool),
        values=PostgresValueStore(pool),
        approvals=PostgresApprovalStore(pool),
        alerts=PostgresAlertStore(pool),
    )


@asynccontextmanager
async def open_parts(
    settings: ApiSettings, *, pool: asyncpg.Pool | None = None, client: Client | None = None
) -> AsyncGenerator[Parts]:
    """Give the parts while the context lasts; what is not given is opened here.

    Nothing connects before it is used, so that the service starts, and says that it is not ready,
    while the database or Temporal is away.
    """
    client = client or await lazy_client(settings.temporal)
    if pool is not None:
        yield make_parts(pool, client)
        return
    pool = await open_pool(
        settings.database_url.get_secret_value(),
        min_size=0,
        max_size=settings.database_pool_size,
        application="ichor-trigger-api",
    )
    try:
        yield make_parts(pool, client)
    finally:
        await pool.close()
