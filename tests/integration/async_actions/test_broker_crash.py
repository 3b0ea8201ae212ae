"""The broker crashes."""

import asyncio
from contextlib import suppress

import pytest
from temporalio.client import Client

from ichor_core.contract import ActionReply
from ichor_devstack.rabbitmq import rabbitmq
from ichor_runtime.amqp import Topology, open_channel
from tests.kit.async_rig import AsyncRig, dead_letters, send, until

pytestmark = pytest.mark.servers


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
