"""RabbitMQ for the demo: a node of its own, or a part of the broker that `AMQP_URL` names."""

import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

from ichor_core.errors import IchorError
from ichor_devstack.rabbitmq import rabbitmq
from ichor_devstack.rabbitmq_container import ContainerNode
from ichor_devstack.rabbitmq_server import RabbitmqServer
from ichor_runtime.amqp import AMQP_ERRORS, Topology, delete_topology, open_channel

_NAME = "ichor-demo"


class BrokerError(IchorError, RuntimeError):
    """The broker that `AMQP_URL` names cannot be used."""


class Broker:
    """A broker whose address is known before it runs.

    Attributes:
        url: ``amqp://user:password@host:port/vhost``.
        prefix: of all names of exchanges and queues; one of its own on a broker that is shared.
        server: the node of our own, None for a broker that ran before.
    """

    def __init__(self, server: RabbitmqServer) -> None:
        self.url = server.url
        self.server = None if server.folder is None else server
        self.prefix = "ichor" if self.server else f"{_NAME}-{secrets.token_hex(4)}"
        self._started = False

    @property
    def keeps(self) -> bool:
        """Whether its data can outlive it: those of a container go with it."""
        return not isinstance(self.server, ContainerNode)

    @property
    def address(self) -> str:
        """Host and port, without the password."""
        return urlsplit(self.url).netloc.rpartition("@")[2]

    @property
    def description(self) -> str:
        """Where it is, in a few words."""
        if self.server:
            return self.address
        return f"the broker of AMQP_URL, names begin with {self.prefix}"

    async def start(self) -> None:
        """Start it, or see that it answers.

        Raises:
            ServerStartError: it does not start.
            BrokerError: it does not answer.
        """
        if self.server:
            await self.server.start()
            return
        try:
            async with open_channel(self.url, _NAME):
                self._started = True
        except AMQP_ERRORS as error:
            reason = str(error) or type(error).__name__
            raise BrokerError(
                f"the broker of AMQP_URL cannot be used ({self.address}: {reason}); "
                "start it, or unset AMQP_URL to get one of the demo's own"
            ) from error

    async def stop(self, action_types: tuple[str, ...]) -> None:
        """Take what is ours from a shared broker; a node of our own ends with all it has.

        Args:
            action_types: those whose requests have a queue.

        Raises:
            BrokerError: it does not answer any more.
        """
        if self.server is None and self._started:
            try:
                async with open_channel(self.url, _NAME) as channel:
                    await delete_topology(channel, Topology(self.prefix), action_types)
            except AMQP_ERRORS as error:
                raise BrokerError(
                    f"what is called {self.prefix}.… stays on the broker of AMQP_URL: {error}"
                ) from error


@asynccontextmanager
async def broker(
    action_types: tuple[str, ...], folder: Path | None = None
) -> AsyncGenerator[Broker]:
    """Give a broker that is yet to be started, and stop it at the end.

    Args:
        action_types: those whose requests somebody takes.
        folder: of the data of a node of our own; None: they go with it.

    Raises:
        NotInstalledError: RabbitMQ is not there; the message says what to do.
        BrokerError: the broker does not answer at the end.
    """
    async with rabbitmq(folder, start=False) as server:
        given = Broker(server)
        try:
            yield given
        finally:
            await given.stop(action_types)
