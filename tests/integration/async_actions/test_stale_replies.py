"""Replies that come too early, too late, or more than once."""

import asyncio

import pytest
from aio_pika.abc import AbstractChannel

from ichor_core.contract import ActionReply, ActionRequest
from ichor_runtime.amqp import AmqpRequestPublisher
from tests.kit.async_rig import AsyncRig, dead_letters, send, until, waiting

pytestmark = pytest.mark.servers


async def test_a_reply_before_the_activity_returned_counts(
    rig: AsyncRig, channel: AbstractChannel
) -> None:
    class Eager(AmqpRequestPublisher):
        """Returns only once the reply has been taken."""

        async def publish(self, request: ActionRequest) -> None:
            reply = ActionReply(request.reply_token, True, {"answer": "early"})
            await send(channel, rig.topology, reply)

            async def taken() -> bool:
                return await waiting(channel, rig.topology) == 0

            await until(taken)
            await super().publish(request)
            published.set()

    published = asyncio.Event()
    async with rig.completer(), rig.worker(Eager(rig.amqp_url, rig.topology)):
        assert await rig.kept(await rig.ask()) == "early"
        # The execution may end first; a worker that ends as well would cancel the activity.
        await published.wait()


async def test_duplicates_and_late_replies_change_nothing(
    rig: AsyncRig, channel: AbstractChannel
) -> None:
    async with rig.worker(), rig.completer():
        handle = await rig.ask()
        request = await rig.requests.get()
        for answer in (1, 2, 3):
            reply = ActionReply(request.reply_token, True, {"answer": answer})
            await send(channel, rig.topology, reply)
        assert await rig.kept(handle) in (1, 2, 3)
        # Of an execution that is over.
        await send(channel, rig.topology, ActionReply(request.reply_token, True, {"answer": 4}))
        other = await rig.ask()
        request = await rig.requests.get()
        await other.terminate()
        await send(channel, rig.topology, ActionReply(request.reply_token, True, {"answer": 5}))

    async def taken() -> bool:
        return await waiting(channel, rig.topology) == 0

    await until(taken)
    assert await dead_letters(channel, rig.topology) == 0


async def test_a_reply_to_the_first_attempt_comes_after_the_second_began(
    rig: AsyncRig, channel: AbstractChannel
) -> None:
    async with rig.worker():
        handle = await rig.ask(start_to_close=1)
        first = await rig.requests.get()
        second = await rig.requests.get()
        assert (first.request_id, second.attempt) == (second.request_id, 2)
        # Both replies are there before anything is consumed.
        for request, answer in ((first, "first"), (second, "second")):
            reply = ActionReply(request.reply_token, True, {"answer": answer})
            await send(channel, rig.topology, reply)
        async with rig.completer():
            assert await rig.kept(handle) == "second"
    assert await dead_letters(channel, rig.topology) == 0
