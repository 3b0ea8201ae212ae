import asyncpg
import pytest

from ichor_devstack.postgres import PostgresServer
from ichor_devstack.temporal import TemporalServer

pytestmark = pytest.mark.servers


@pytest.mark.parametrize("turn", [1, 2])
async def test_each_test_has_a_database_to_itself(
    database: str, postgres_server: PostgresServer, turn: int
) -> None:
    assert database != postgres_server.dsn
    connection = await asyncpg.connect(database)
    try:
        await connection.execute("CREATE TABLE only_here ()")
    finally:
        await connection.close()


async def test_temporal_runs_for_the_session(temporal_server: TemporalServer) -> None:
    assert temporal_server.process is not None
    assert temporal_server.process.is_running
