import shutil
import socket
from pathlib import Path

import pytest

from ichor_devstack.processes import ServerStartError, run_program
from ichor_devstack.stack import stack
from ichor_devstack.temporal import TemporalServer, _find_binary, temporal

pytestmark = pytest.mark.servers


async def command(server: TemporalServer, *arguments: str) -> None:
    """Run Temporal's own client against the server."""
    where = ("--address", server.address, "--namespace", server.namespace)
    await run_program("temporal", [_find_binary(), *arguments, *where])


def is_listening(address: str) -> bool:
    host, _, port = address.rpartition(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) == 0


async def start_workflow(server: TemporalServer) -> None:
    named = ("--type", "Nothing", "--task-queue", "none", "--workflow-id", "kept")
    await command(server, "workflow", "start", *named)


async def test_it_answers_and_leaves_nothing_behind() -> None:
    async with temporal(namespace="own") as server:
        process = server.process
        assert process is not None
        assert server.ui_address is None
        await start_workflow(server)
    assert not process.is_running
    assert not is_listening(server.address)


async def test_a_killed_server_comes_back_with_its_state(tmp_path: Path) -> None:
    async with temporal(tmp_path / "state.sqlite", ui=True) as server:
        assert server.ui_address is not None
        assert is_listening(server.ui_address.removeprefix("http://"))
        await start_workflow(server)
        await server.kill()
        assert not is_listening(server.address)
        await server.start()
        await command(server, "workflow", "describe", "--workflow-id", "kept")
        with pytest.raises(ServerStartError, match="running already"):
            await server.start()


async def test_a_wrong_binary_shows_its_log(tmp_path: Path) -> None:
    with pytest.raises(ServerStartError, match=r"(?s)Temporal ended.*unrecognized option"):
        async with temporal(binary=Path("/bin/ls")):
            pass
    with pytest.raises(ServerStartError, match=r"(?s)Temporal .*none: No such file"):
        async with temporal(binary=tmp_path / "none"):
            pass


async def test_the_stack_keeps_its_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    async with stack(tmp_path) as servers:
        await start_workflow(servers.temporal)
        await servers.postgres.create_database("kept")
    async with stack(tmp_path) as servers:
        await command(servers.temporal, "workflow", "describe", "--workflow-id", "kept")
        await servers.postgres.drop_database(servers.postgres.dsn_of("kept"))
    assert servers.postgres.folder is not None
    shutil.rmtree(servers.postgres.folder)
