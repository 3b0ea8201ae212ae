"""Fixtures for tests against real servers: one of each kind a run, started when first asked for."""

import secrets
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

# The servers' modules are imported late: this plugin is loaded in every run.
if TYPE_CHECKING:
    from ichor_devstack.postgres import PostgresServer
    from ichor_devstack.rabbitmq_server import RabbitmqServer
    from ichor_devstack.temporal import TemporalServer


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def postgres_server() -> "AsyncIterator[PostgresServer]":
    """Give the run's PostgreSQL server."""
    from ichor_devstack.postgres import postgres

    async with postgres(durable=False) as server:
        yield server


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def temporal_server() -> "AsyncIterator[TemporalServer]":
    """Give the run's Temporal server, without persistence."""
    from ichor_devstack.temporal import temporal

    async with temporal() as server:
        yield server


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def rabbitmq_server() -> "AsyncIterator[RabbitmqServer]":
    """Give the run's RabbitMQ node."""
    from ichor_devstack.rabbitmq import rabbitmq

    async with rabbitmq() as server:
        yield server


@pytest.fixture
def amqp_prefix() -> str:
    """Give a prefix for the names of exchanges and queues that only this test uses."""
    return f"test-{secrets.token_hex(6)}"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def database_template() -> str | None:
    """Give the DSN of the database that each test gets a copy of; override it to migrate one."""
    return None


@pytest_asyncio.fixture(loop_scope="session")
async def database(
    postgres_server: "PostgresServer", database_template: str | None
) -> AsyncIterator[str]:
    """Give the DSN of a database that only this test uses."""
    dsn = await postgres_server.create_database(template=database_template)
    yield dsn
    await postgres_server.drop_database(dsn)
