"""A RabbitMQ broker that tests and the demo use, wherever it runs."""

import asyncio
import contextlib
from pathlib import Path

from ichor_devstack.ports import LOOPBACK
from ichor_devstack.processes import ServerProcess, ServerStartError

_AMQP_HEADER = b"AMQP\x00\x00\x09\x01"


class RabbitmqServer:
    """A broker that ran before; one of our own can also be killed and started again.

    Attributes:
        url: ``amqp://user:password@host:port/``.
        process: the running node; None while it is down, and for a broker that ran before.
        folder: where its logs are; None for a broker that ran before.
    """

    def __init__(self, url: str, folder: Path | None = None) -> None:
        self.url = url
        self.folder = folder
        self.process: ServerProcess | None = None

    async def start(self) -> None:
        """Start the node and wait until it takes connections.

        Raises:
            ServerStartError: it does not start; the message shows its log.
        """
        raise ServerStartError("this RabbitMQ is not ours to start")

    async def stop(self) -> None:
        """Stop the node and all that belongs to it; nothing happens if it is down."""

    async def kill(self) -> None:
        """End the node as a crash does (SIGKILL); nothing happens if it is down."""
        raise ServerStartError("this RabbitMQ is not ours to kill")

    def keeps_queue(self, name: str) -> bool:
        """Say whether a quorum queue would survive a crash."""
        raise ServerStartError("this RabbitMQ is not ours to kill")


async def answers_amqp(port: int) -> bool:
    """Say whether a broker takes connections on a port of this machine."""
    return await ask(port, _AMQP_HEADER) not in (None, b"")


async def ask(port: int, greeting: bytes) -> bytes | None:
    """Return what a port answers to a greeting; None where nothing listens."""
    try:
        reader, writer = await asyncio.open_connection(LOOPBACK, port)
    except OSError:
        return None
    try:
        if not greeting:
            return b""
        writer.write(greeting)
        async with asyncio.timeout(5):
            return await reader.read(1)
    except (ConnectionError, TimeoutError):
        return None
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
