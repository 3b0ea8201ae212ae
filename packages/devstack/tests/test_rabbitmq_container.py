"""A node in a container; Docker's command stands for an engine, and hands over to a real broker."""

import sys
from pathlib import Path

import aio_pika
import pytest

from ichor_devstack import rabbitmq_node
from ichor_devstack.processes import NotInstalledError, ServerStartError
from ichor_devstack.rabbitmq import rabbitmq
from ichor_devstack.rabbitmq_container import ContainerNode, find_docker
from ichor_devstack.rabbitmq_server import RabbitmqServer, answers_amqp

pytestmark = pytest.mark.servers

DOCKER = """#!{python}
import json, os, signal, socket, sys, threading
from pathlib import Path

folder = Path({folder!r})
arguments = sys.argv[1:]
with (folder / "calls").open("a") as calls:
    print(json.dumps(arguments), file=calls)

def pump(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except OSError:
        pass
    finally:
        target.close()

def serve(port):
    (folder / "pid").write_text(str(os.getpid()))
    listener = socket.create_server(("127.0.0.1", port))
    while True:
        here, _ = listener.accept()
        there = socket.create_connection(("127.0.0.1", {broker}))
        for pair in ((here, there), (there, here)):
            threading.Thread(target=pump, args=pair, daemon=True).start()

match arguments[0]:
    case "info":
        sys.exit(int((folder / "engine").read_text()))
    case "run":
        assert os.environ["RABBITMQ_DEFAULT_USER"] == "ichor"
        assert os.environ["RABBITMQ_DEFAULT_PASS"] not in str(arguments)
        published = arguments[arguments.index("--publish") + 1]
        address, port, inside = published.split(":")
        assert (address, inside) == ("127.0.0.1", "5672")
        (folder / "port").write_text(port)
        serve(int(port))
    case "start":
        serve(int((folder / "port").read_text()))
    case "kill" | "rm":
        pid = folder / "pid"
        if pid.exists():
            os.kill(int(pid.read_text()), signal.SIGKILL)
            pid.unlink()
"""


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rabbitmq_server: RabbitmqServer) -> Path:
    """Docker is on the path; returns the file of its calls. RabbitMQ is not installed."""
    port = int(rabbitmq_server.url.rstrip("/").rpartition(":")[2])
    docker = tmp_path / "docker"
    text = DOCKER.format(python=sys.executable, folder=str(tmp_path), broker=port)
    docker.write_text(text)
    docker.chmod(0o755)
    (tmp_path / "engine").write_text("0")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("AMQP_URL", raising=False)
    monkeypatch.setattr(rabbitmq_node, "_SCRIPTS", ())
    return tmp_path / "calls"


def port_of(server: RabbitmqServer) -> int:
    return int(server.url.rstrip("/").rpartition(":")[2])


async def test_where_it_is_not_installed_it_runs_in_a_container(
    calls: Path, rabbitmq_server: RabbitmqServer
) -> None:
    async with rabbitmq() as server:
        assert isinstance(server, ContainerNode)
        # It is the broker behind, which has another password.
        broker = rabbitmq_server.url.replace(
            f":{port_of(rabbitmq_server)}/", f":{port_of(server)}/"
        )
        async with await aio_pika.connect(broker) as connection:
            assert not connection.is_closed
        await server.kill()
        assert not await answers_amqp(port_of(server))
        await server.start()
        assert await answers_amqp(port_of(server))
        with pytest.raises(ServerStartError, match="running already"):
            await server.start()
    assert not await answers_amqp(port_of(server))
    commands = [line.split('"')[1] for line in calls.read_text().splitlines()]
    assert commands == ["info", "run", "kill", "start", "rm"]
    await server.stop()  # nothing happens
    assert len(calls.read_text().splitlines()) == len(commands)


async def test_a_docker_without_engine_is_none(calls: Path, tmp_path: Path) -> None:
    assert await find_docker() == str(tmp_path / "docker")
    (tmp_path / "engine").write_text("1")
    assert await find_docker() is None
    with pytest.raises(NotInstalledError, match="or set AMQP_URL"):
        async with rabbitmq():
            pass


async def test_a_container_that_does_not_start_shows_its_log(calls: Path, tmp_path: Path) -> None:
    (tmp_path / "docker").write_text("#!/bin/sh\necho no such image\nexit 125\n")
    node = ContainerNode(str(tmp_path / "docker"), tmp_path)
    with pytest.raises(ServerStartError, match="no such image"):
        await node.start()
