"""Temporal is away while replies arrive. At full size: `make soak`."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aio_pika.abc import AbstractChannel
from temporalio.client import Client

from ichor_core.contract import ActionReply
from ichor_devstack.temporal import TemporalServer, temporal
from ichor_runtime.errors import UnhealthyError
from ichor_runtime.temporal import data_converter
from tests.kit.async_rig import AsyncRig, dead_letters, send, until, waiting

pytestmark = pytest.mark.servers

REPLIES = int(os.environ.get("ICHOR_SOAK_REPLIES", "100"))
AWAY_SECONDS = float(os.environ.get("ICHOR_SOAK_AWAY_SECONDS", "3"))


@pytest.fixture
async def own_temporal(tmp_path: Path) -> AsyncIterator[TemporalServer]:
    """Give a server that may be killed."""
    async with temporal(tmp_path / "temporal.sqlite") as server:
        yield server


@pytest.fixture
async def client(own_temporal: TemporalServer) -> Client:
    """Give the rig a client of it."""
    return await Client.connect(own_temporal.address, data_converter=data_converter)


async def test_all_complete_afterwards(
    own_temporal: TemporalServer, rig: AsyncRig, channel: AbstractChannel
) -> None:
    """None is lost, none is returned so often that it is given up."""
    async with rig.worker():
        handles = [await rig.ask(n) for n in range(REPLIES)]
        requests = [await rig.requests.get() for _ in handles]
        async with rig.completer() as consumer:
            await own_temporal.kill()
            replies = [ActionReply(one.reply_token, True, {"answer": 1}) for one in requests]
            await asyncio.gather(*(send(channel, rig.topology, reply) for reply in replies))

            async def paused() -> bool:
                try:
                    await consumer.check()
                except UnhealthyError as error:
                    return "paused: Temporal" in str(error)
                return False

            await until(paused)
            # Away for longer than one of the client's own retries.
            await asyncio.sleep(AWAY_SECONDS)
            assert await dead_letters(channel, rig.topology) == 0
            await own_temporal.start()
            kept = await rig.all_kept(handles)
            await consumer.check()
    assert kept == [1] * REPLIES
    assert await waiting(channel, rig.topology) == 0
    assert await dead_letters(channel, rig.topology) == 0


async def test_what_cannot_be_delivered_for_long_is_queued_anew(
    own_temporal: TemporalServer, rig: AsyncRig, channel: AbstractChannel
) -> None:
    async with rig.worker():
        handle = await rig.ask()
        request = await rig.requests.get()
        async with rig.completer(hold_seconds=0.2):
            await own_temporal.kill()
            await send(channel, rig.topology, ActionReply(request.reply_token, True, {"answer": 1}))

            async def queued() -> bool:
                return await waiting(channel, rig.topology) == 1

            await until(queued)
        queue = await channel.get_queue(rig.topology.replies)
        message = await queue.get()
        assert message.headers["x-delivery-count"] == 0
        await message.reject(requeue=True)
        await own_temporal.start()
        async with rig.completer():
            assert await rig.kept(handle) == 1
