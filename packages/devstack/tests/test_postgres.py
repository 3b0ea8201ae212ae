import os
import shutil
import socket
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from ichor_devstack.ports import LOOPBACK, free_port
from ichor_devstack.postgres import PostgresServer, postgres
from ichor_devstack.processes import ServerStartError

pytestmark = pytest.mark.servers


@pytest.fixture(autouse=True)
def own_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)


@pytest.fixture
async def server() -> AsyncGenerator[PostgresServer]:
    async with postgres(durable=False) as server:
        yield server


@pytest.fixture
def folders() -> Iterator[list[Path]]:
    """Folders to remove: where a test's own folder was not reachable, they are elsewhere."""
    folders: list[Path] = []
    yield folders
    for folder in folders:
        shutil.rmtree(folder)


def is_there(path: str | Path) -> bool:
    return os.path.exists(path)


async def ask(dsn: str, query: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def test_it_answers_and_leaves_nothing_behind() -> None:
    async with postgres(durable=False) as server:
        assert server.process is not None
        assert await ask(server.dsn, "SHOW listen_addresses") == LOOPBACK
        assert await ask(server.dsn, "SHOW unix_socket_directories") == ""
        assert str(await ask(server.dsn, "SHOW server_version")).startswith("18")
        assert server.folder is not None
        assert is_there(server.folder)
        backend = await ask(server.dsn, "SELECT pg_backend_pid()")
    assert not server.process.is_running
    assert not is_there(f"/proc/{backend}")
    assert not is_there(server.folder)
    with socket.socket() as probe:
        assert probe.connect_ex((LOOPBACK, urlsplit(server.dsn).port or 0)) != 0


async def test_it_stops_although_a_client_is_connected() -> None:
    async with postgres(durable=False) as server:
        connection = await asyncpg.connect(server.dsn)
    assert server.process is not None
    assert not server.process.is_running
    connection.terminate()


async def test_data_stay_in_a_given_folder(tmp_path: Path, folders: list[Path]) -> None:
    async with postgres(tmp_path / "pg") as server:
        folders.append(server.folder)
        assert await ask(server.dsn, "SHOW fsync") == "on"
        kept = await server.create_database("kept")
    async with postgres(tmp_path / "pg", port=urlsplit(kept).port) as server:
        assert await ask(kept, "SELECT current_database()") == "kept"


async def test_only_who_knows_the_password_gets_in(server: PostgresServer) -> None:
    parts = urlsplit(server.dsn)
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(host=LOOPBACK, port=parts.port, user=parts.username, password="x")


async def test_a_database_is_a_copy_of_its_template(server: PostgresServer) -> None:
    template = await server.create_database()
    await ask(template, "CREATE TABLE marked ()")
    copy = await server.create_database(template=template)
    assert await ask(copy, "SELECT to_regclass('marked') IS NOT NULL") is True
    connection = await asyncpg.connect(copy)
    await server.drop_database(copy)
    await server.drop_database(copy)
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await ask(copy, "SELECT 1")
    connection.terminate()


async def test_a_server_that_runs_already_is_used(
    server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", server.dsn)
    async with postgres() as other:
        assert other.process is None
        dsn = await other.create_database()
    assert await ask(dsn, "SELECT 1") == 1


async def test_missing_binaries_are_named(tmp_path: Path) -> None:
    with pytest.raises(ServerStartError, match="initdb cannot be started"):
        async with postgres(binaries=tmp_path / "bin"):
            pass


async def test_a_taken_port_shows_the_log(server: PostgresServer) -> None:
    with pytest.raises(ServerStartError, match=r"(?s)PostgreSQL ended with 1.*in use"):
        async with postgres(port=urlsplit(server.dsn).port):
            pass


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as another user")
async def test_folders_that_the_server_cannot_reach_are_left_alone(
    tmp_path: Path, folders: list[Path]
) -> None:
    from ichor_devstack.postgres import wheel_binaries

    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    binaries = wheel_binaries()
    package = binaries.parent.parent
    (closed / package.name).mkdir()
    (closed / package.name / binaries.parent.name).symlink_to(binaries.parent)
    (closed / f"{package.name}.libs").symlink_to(package.parent / f"{package.name}.libs")
    own = closed / package.name / binaries.parent.name / "bin"
    async with postgres(closed / "pg", durable=False, binaries=own) as other:
        folders.append(other.folder)
        assert closed not in other.folder.parents
    assert closed.stat().st_mode & 0o777 == 0o700
    assert is_there(other.folder / "data")


async def test_free_ports_can_be_bound() -> None:
    with socket.socket() as listener:
        listener.bind((LOOPBACK, free_port()))
