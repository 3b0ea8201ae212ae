"""A RabbitMQ node in a container, for machines that have Docker and no RabbitMQ."""

import contextlib
import os
import secrets
import shutil
import tempfile
from collections.abc import AsyncGenerator
from pathlib import Path

from ichor_devstack.ports import LOOPBACK, free_port
from ichor_devstack.processes import ServerStartError, run_program, start_server
from ichor_devstack.rabbitmq_server import RabbitmqServer, answers_amqp

IMAGE = "rabbitmq:4"
_USER = "ichor"
_START_SECONDS = 300.0
"""The image may have to be fetched first."""


class ContainerNode(RabbitmqServer):
    """A node in a container of its own, with its data in the container's volume.

    Args:
        docker: the command.
        folder: of its log.
        port: of AMQP; None: a free one.
    """

    def __init__(self, docker: str, folder: Path, port: int | None = None) -> None:
        self._port = port or free_port()
        self._password = secrets.token_hex(16)
        super().__init__(f"amqp://{_USER}:{self._password}@{LOOPBACK}:{self._port}/", folder)
        self._docker = docker
        self._name = f"ichor-mq-{secrets.token_hex(6)}"
        self._is_made = False

    async def start(self) -> None:
        """Start the container and wait until the node takes connections."""
        if self.process is not None:
            raise ServerStartError("RabbitMQ is running already")
        assert self.folder is not None
        if self._is_made:
            command = [self._docker, "start", "--attach", self._name]
        else:
            command = [
                *(self._docker, "run", "--name", self._name),
                *("--publish", f"{LOOPBACK}:{self._port}:5672"),
                # By name, so that no list of processes shows the password.
                *("--env", "RABBITMQ_DEFAULT_USER", "--env", "RABBITMQ_DEFAULT_PASS"),
                IMAGE,
            ]
        self._is_made = True
        process = await start_server(
            "RabbitMQ in a container",
            command,
            log=self.folder / "rabbitmq.log",
            env={
                **os.environ,
                "RABBITMQ_DEFAULT_USER": _USER,
                "RABBITMQ_DEFAULT_PASS": self._password,
            },
        )
        await process.wait_until_ready(lambda: answers_amqp(self._port), seconds=_START_SECONDS)
        self.process = process

    async def stop(self) -> None:
        """Stop the container, and remove it with its data."""
        process, self.process = self.process, None
        if self._is_made:
            remove = [self._docker, "rm", "--force", "--volumes", self._name]
            await run_program("docker rm", remove)
            self._is_made = False
        if process is not None:
            await process.stop()

    async def kill(self) -> None:
        """End the node as a crash does (SIGKILL); nothing happens if it is down."""
        process, self.process = self.process, None
        if process is not None:
            await run_program("docker kill", [self._docker, "kill", self._name])
            await process.stop()

    def keeps_queue(self, name: str) -> bool:
        """Say whether a quorum queue would survive a crash: RabbitMQ 4 writes it at once."""
        return True


async def find_docker() -> str | None:
    """Return the command of a Docker whose engine answers."""
    docker = shutil.which("docker")
    if docker is None:
        return None
    try:
        await run_program("docker info", [docker, "info"])
    except ServerStartError:
        return None
    return docker


@contextlib.asynccontextmanager
async def container_node(docker: str, port: int | None = None) -> AsyncGenerator[ContainerNode]:
    """Give a node, not yet started; at the end it is stopped and its data are gone."""
    with tempfile.TemporaryDirectory(prefix="ichor-mq-", ignore_cleanup_errors=True) as folder:
        node = ContainerNode(docker, Path(folder), port)
        try:
            yield node
        finally:
            await node.stop()
