"""Many replies: while Temporal is away, and with poison among them. At full size: `make soak`."""

import asyncio
import os
from pathlib import Path

import pytest
from aio_pika.abc import AbstractChannel
from temporalio.client import Client

from ichor_activities import ReplyTokens
from ichor_core import exact_json
from ichor_core.messages import ActionReply
from ichor_devstack.rabbitmq_server import RabbitmqServer
from ichor_devstack.temporal import temporal
from ichor_runtime.amqp import Topology, delete_topology, open_channel
from ichor_runtime.converter import data_converter
from ichor_runtime.errors import UnhealthyError
from tests.async_rig import AsyncRig, dead_letters, send, until, waiting

pytestmark = pytest.mark.servers

TEMPORAL_AWAY_REPLIES = int(os.environ.get("ICHOR_SOAK_REPLIES", "100"))
TEMPORAL_AWAY_SECONDS = float(os.environ.get("ICHOR_SOAK_AWAY_SECONDS", "3"))
POISON = int(os.environ.get("ICHOR_SOAK_POISON", "20"))
GOOD = int(os.environ.get("ICHOR_SOAK_GOOD", "180"))


async def test_poison_among_good_replies(rig: AsyncRig, channel: AbstractChannel) -> None:
    """Exactly the poison becomes dead letters, whatever is between."""
    async with rig.worker():
        handles = [await rig.ask(n) for n in range(GOOD)]
        requests = [await rig.requests.get() for _ in handles]
        forged = ReplyTokens([b"f" * 32])
        poison = [
            b"\xff not json",
            b'{"success": true}',
            b'{"reply_token": "x", "version": 2, "success": true}',
            exact_json.encode(ActionReply("a.b.c.d.e", True)),
            exact_json.encode(
                ActionReply(
                    forged.seal(rig.tokens.open(requests[0].reply_token, requests[0].sent_at)), True
                )
            ),
            exact_json.encode(ActionReply(requests[0].reply_token, False)),
        ]
        bodies: list[bytes] = [poison[n % len(poison)] for n in range(POISON)]
        bodies += [
            exact_json.encode(ActionReply(request.reply_token, True, {"answer": "good"}))
            for request in requests
        ]
        bodies.sort(key=hash)
        await asyncio.gather(*(send(channel, rig.topology, body) for body in bodies))
        async with rig.completer():
            kept = await rig.all_kept(handles)

            async def dead() -> bool:
                return await dead_letters(channel, rig.topology) == POISON

            await until(dead)
    assert kept == ["good"] * GOOD
    assert await waiting(channel, rig.topology) == 0


async def test_temporal_away_while_replies_arrive(
    rabbitmq_server: RabbitmqServer, amqp_prefix: str, tmp_path: Path
) -> None:
    """All complete afterwards; none is lost, none is returned so often that it is given up."""
    topology = Topology(amqp_prefix)
    async with (
        temporal(tmp_path / "temporal.sqlite") as server,
        open_channel(rabbitmq_server.url, "other-system") as channel,
    ):
        client = await Client.connect(server.address, data_converter=data_converter)
        rig = AsyncRig(client, rabbitmq_server.url, topology)
        await rig.listen(channel)
        async with rig.worker():
            handles = [await rig.ask(n) for n in range(TEMPORAL_AWAY_REPLIES)]
            requests = [await rig.requests.get() for _ in handles]
            async with rig.completer() as consumer:
                await server.kill()
                replies = [ActionReply(one.reply_token, True, {"answer": 1}) for one in requests]
                await asyncio.gather(*(send(channel, topology, reply) for reply in replies))

                async def paused() -> bool:
                    try:
                        await consumer.check()
                    except UnhealthyError as error:
                        return "paused: Temporal" in str(error)
                    return False

                await until(paused)
                # Away for longer than one of the client's own retries.
                await asyncio.sleep(TEMPORAL_AWAY_SECONDS)
                assert await dead_letters(channel, topology) == 0
                await server.start()
                kept = await rig.all_kept(handles)
                await consumer.check()
        assert kept == [1] * TEMPORAL_AWAY_REPLIES
        assert await waiting(channel, topology) == 0
        assert await dead_letters(channel, topology) == 0
        await delete_topology(channel, topology, ("ask",))
