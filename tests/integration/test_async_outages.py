"""Temporal is away for long, or the broker crashes."""

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest
from temporalio.client import Client

from ichor_core.messages import ActionReply
from ichor_devstack.rabbitmq import rabbitmq
from ichor_devstack.rabbitmq_server import RabbitmqServer
from ichor_devstack.temporal import temporal
from ichor_runtime.amqp import Topology, delete_topology, open_channel
from ichor_runtime.converter import data_converter
from tests.async_rig import AsyncRig, dead_letters, send, until, waiting

pytestmark = pytest.mark.servers


async def test_what_cannot_be_delivered_for_long_is_queued_anew(
    rabbitmq_server: RabbitmqServer, amqp_prefix: str, tmp_path: Path
) -> None:
    topology = Topology(amqp_prefix)
    async with (
        temporal(tmp_path / "temporal.sqlite") as server,
        open_channel(rabbitmq_server.url, "other-system") as channel,
    ):
        client = await Client.connect(server.address, data_converter=data_converter)
        rig = AsyncRig(client, rabbitmq_server.url, topology)
        await rig.listen(channel)
        async with rig.worker():
            handle = await rig.ask()
            request = await rig.requests.get()
            async with rig.completer(hold_seconds=0.2):
                await server.kill()
                reply = ActionReply(request.reply_token, True, {"answer": 1})
                await send(channel, topology, reply)

                async def queued() -> bool:
                    return await waiting(channel, topology) == 1

                await until(queued)
            queue = await channel.get_queue(topology.replies)
            message = await queue.get()
            assert message.headers["x-delivery-count"] == 0
            await message.reject(requeue=True)
            await server.start()
            async with rig.completer():
                assert await rig.kept(handle) == 1
        await delete_topology(channel, topology, ("ask",))


async def test_the_broker_crashes_in_the_middle(client: Client) -> None:
    """Requests and replies of which the broker said that it has them are there afterwards."""
    async with rabbitmq() as broker:
        rig = AsyncRig(client, broker.url, Topology("crash"))
        async with rig.worker(), rig.completer():
            async with open_channel(broker.url, "other-system") as channel:
                await rig.listen(channel)
                handles = [await rig.ask(n, max_attempts=20) for n in range(20)]
                requests = [await rig.requests.get() for _ in range(10)]
                for request in requests:
                    reply = ActionReply(request.reply_token, True, {"answer": "before"})
                    await send(channel, rig.topology, reply)
                names = (rig.topology.request_queue("ask"), rig.topology.replies)

                async def durable() -> bool:
                    return all(map(broker.keeps_queue, names))

                await until(durable)
                await broker.kill()
            late = [await rig.ask(n, max_attempts=20) for n in range(5)]
            await broker.start()
            answered = {request.reply_token for request in requests}
            async with open_channel(broker.url, "other-system") as channel:
                await rig.listen(channel)
                ends = asyncio.gather(*(rig.kept(handle) for handle in handles + late))
                while not ends.done():
                    with suppress(TimeoutError):
                        async with asyncio.timeout(0.1):
                            request = await rig.requests.get()
                            if request.reply_token not in answered:
                                answered.add(request.reply_token)
                                reply = ActionReply(request.reply_token, True, {"answer": "after"})
                                await send(channel, rig.topology, reply)
                kept = await ends
                assert sorted(kept) == ["after"] * 15 + ["before"] * 10
                assert await dead_letters(channel, rig.topology) == 0
