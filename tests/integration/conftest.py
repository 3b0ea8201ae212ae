"""A rig of asynchronous actions, and another system's channel."""

from collections.abc import AsyncIterator

import pytest
from aio_pika.abc import AbstractChannel
from temporalio.client import Client

from ichor_devstack.rabbitmq_server import RabbitmqServer
from ichor_runtime.amqp import Topology, delete_topology, open_channel
from tests.kit.async_rig import AsyncRig


@pytest.fixture
async def rig(
    client: Client, rabbitmq_server: RabbitmqServer, amqp_prefix: str
) -> AsyncIterator[AsyncRig]:
    """Give a rig of which nothing runs yet."""
    rig = AsyncRig(client, rabbitmq_server.url, Topology(amqp_prefix))
    yield rig
    async with open_channel(rabbitmq_server.url, "test") as channel:
        await delete_topology(channel, rig.topology, ("ask",))


@pytest.fixture
async def channel(rig: AsyncRig) -> AsyncIterator[AbstractChannel]:
    """Give the channel of another system, which takes requests for the test to answer."""
    async with open_channel(rig.amqp_url, "other-system") as channel:
        await rig.listen(channel)
        yield channel
