"""The service over a real database and a real Temporal server, called without a network."""

from collections.abc import AsyncIterator

import asyncpg
import httpx
import pytest
from temporalio.client import Client
from temporalio.envconfig import ClientConfigProfile

from ichor_core.action_type import ActionType
from ichor_devstack.postgres import PostgresServer
from ichor_devstack.temporal import TemporalServer
from ichor_edgestore.migrations import migrate
from ichor_edgestore.pool import open_pool
from ichor_runtime.temporal import connect
from ichor_trigger_api.app import PREFIX, create_app
from ichor_trigger_api.parts import Parts, make_parts

ACTION_TYPES = [
    ActionType("set_values", "Set values", "local", config_schema={"type": "object"}),
    ActionType(
        "evaluate_condition",
        "Evaluate a condition",
        "local",
        outcomes=("true_branch", "false_branch"),
        reference_keys=("field",),
        config_schema={
            "type": "object",
            "properties": {"condition": {"type": "object"}},
            "required": ["condition"],
            "additionalProperties": False,
        },
    ),
    ActionType(
        "wait",
        "Wait for the test",
        "sync",
        config_schema={
            "type": "object",
            "properties": {
                "gate": {"type": "string"},
                "fail_attempts": {"type": "integer", "minimum": 0},
                "refuse": {"type": "string"},
                "result": {"type": "object"},
            },
            "additionalProperties": False,
        },
    ),
]


@pytest.fixture(scope="session")
async def database_template(postgres_server: PostgresServer) -> AsyncIterator[str]:
    dsn = await postgres_server.create_database()
    await migrate(dsn)
    yield dsn
    await postgres_server.drop_database(dsn)


@pytest.fixture
async def pool(database: str) -> AsyncIterator[asyncpg.Pool]:
    pool = await open_pool(database)
    yield pool
    await pool.close()


@pytest.fixture(scope="session")
async def client(temporal_server: TemporalServer) -> Client:
    return await connect(ClientConfigProfile(address=temporal_server.address))


@pytest.fixture
async def parts(pool: asyncpg.Pool, client: Client) -> Parts:
    parts = make_parts(pool, client)
    await parts.action_types.publish_action_types(ACTION_TYPES)
    return parts


@pytest.fixture
async def http(parts: Parts) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(parts))
    async with httpx.AsyncClient(transport=transport, base_url=f"http://api{PREFIX}") as client:
        yield client
