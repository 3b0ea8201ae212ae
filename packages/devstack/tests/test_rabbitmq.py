import asyncio
import os
import shutil
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from ichor_devstack import debian_package, rabbitmq, rabbitmq_node
from ichor_devstack.debian_package import no_service_starts
from ichor_devstack.ports import LOOPBACK
from ichor_devstack.processes import NotInstalledError, ServerStartError
from ichor_devstack.rabbitmq_server import RabbitmqServer
from ichor_devstack.stack import stack

pytestmark = pytest.mark.servers


@pytest.fixture(autouse=True)
def own_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AMQP_URL", raising=False)


def is_listening(server: RabbitmqServer) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((LOOPBACK, urlsplit(server.url).port or 0)) == 0


def processes_of(folder: Path) -> list[int]:
    """Processes, living ones, whose home is the folder."""
    found: list[int] = []
    for process in Path("/proc").iterdir():
        try:
            environment = (process / "environ").read_bytes()
        except (OSError, ValueError):
            continue
        if process.name.isdecimal() and f"HOME={folder}\0".encode() in environment:
            found.append(int(process.name))
    return found


async def no_process_of(folder: Path) -> None:
    """Wait until none is there: Erlang's own helpers end a moment after their node."""
    while processes_of(folder):
        await asyncio.sleep(0.05)


async def test_a_killed_node_comes_back_and_nothing_is_left_at_the_end(tmp_path: Path) -> None:
    async with rabbitmq.rabbitmq(tmp_path / "mq") as server:
        assert is_listening(server)
        assert server.process is not None
        assert len(processes_of(tmp_path / "mq")) >= 2  # epmd among them
        url = server.url
        await server.kill()
        assert not is_listening(server)
        await server.start()
        assert is_listening(server)
        assert server.url == url
        with pytest.raises(ServerStartError, match="running already"):
            await server.start()
    assert server.process is None
    assert not is_listening(server)
    await no_process_of(tmp_path / "mq")


async def test_it_may_be_given_before_it_runs(tmp_path: Path) -> None:
    async with rabbitmq.rabbitmq(tmp_path / "mq", start=False) as server:
        assert server.process is None
        await server.start()
        assert is_listening(server)
    await no_process_of(tmp_path / "mq")


async def test_a_broker_that_runs_already_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMQP_URL", "amqp://broker.example/")
    async with rabbitmq.rabbitmq() as server:
        assert server.url == "amqp://broker.example/"
        assert server.process is None
        with pytest.raises(ServerStartError, match="not ours"):
            await server.start()


async def test_without_a_way_to_install_it_the_error_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rabbitmq_node, "_SCRIPTS", ())
    monkeypatch.setattr(shutil, "which", lambda name: None)
    advice = "install the package rabbitmq-server .*, or set AMQP_URL"
    with pytest.raises(NotInstalledError, match=advice):
        async with rabbitmq.rabbitmq():
            pass


async def test_a_failing_installation_shows_its_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    apt = tmp_path / "apt-get"
    apt.write_text("#!/bin/sh\necho no such archive\nexit 100\n")
    apt.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(ServerStartError, match=r"(?s)do that\n.*no such archive"):
        await debian_package.install_package("rabbitmq-server", "do that")


@pytest.mark.parametrize("before", [None, "#!/bin/sh\nexit 0\n"])
def test_the_policy_of_services_comes_back(tmp_path: Path, before: str | None) -> None:
    policy = tmp_path / "policy-rc.d"
    if before is not None:
        policy.write_text(before)
        policy.chmod(0o700)
    with no_service_starts(policy):
        assert policy.read_text().endswith("exit 101\n")
        assert os.access(policy, os.X_OK)
    if before is None:
        assert list(tmp_path.iterdir()) == []
    else:
        assert policy.read_text() == before
        assert policy.stat().st_mode & 0o777 == 0o700


async def test_the_stack_has_it_where_it_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    async with stack(amqp=True) as servers:
        assert servers.rabbitmq is not None
        assert is_listening(servers.rabbitmq)
    assert not is_listening(servers.rabbitmq)
