from collections.abc import AsyncIterator

import asyncpg
import pytest

from ichor_devstack.postgres import PostgresServer
from ichor_edgestore.migrations import migrate
from ichor_edgestore.pool import open_pool


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
