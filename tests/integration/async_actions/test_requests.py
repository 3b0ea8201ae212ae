"""What the engine asks other systems."""

import asyncio
import base64

import pytest
from aio_pika import DeliveryMode
from aio_pika.abc import AbstractChannel

from ichor_core.contract import ActionReply
from tests.kit.async_rig import AsyncRig, send

pytestmark = pytest.mark.servers


async def test_many_executions_are_answered(rig: AsyncRig, channel: AbstractChannel) -> None:
    async with rig.worker(), rig.completer():
        handles = [await rig.ask(n) for n in range(50)]
        for _ in handles:
            request = await rig.requests.get()
            answer = {"answer": request.payload["question"]}
            await send(channel, rig.topology, ActionReply(request.reply_token, True, answer))
        kept = await asyncio.gather(*(rig.kept(handle) for handle in handles))
    assert kept == list(range(50))
    assert rig.requests.empty()


async def test_what_a_request_says(rig: AsyncRig, channel: AbstractChannel) -> None:
    async with rig.worker(), rig.completer():
        handle = await rig.ask("?")
        request = await rig.requests.get()
        message = rig.delivered[0]
        await send(channel, rig.topology, ActionReply(request.reply_token, True, {"answer": 1}))
        await handle.result()
    assert request.payload == {"question": "?"}
    assert request.action_type == message.routing_key == "ask"
    assert message.delivery_mode == DeliveryMode.PERSISTENT
    assert message.message_id == request.request_id == message.headers["idempotency-key"]
    assert message.headers["message-version"] == 1
    assert message.content_type == "application/json"
    assert message.reply_to == rig.topology.replies
    assert request.execution_id not in base64.urlsafe_b64decode(
        request.reply_token.split(".")[3] + "=="
    ).decode(errors="replace")


async def test_without_a_queue_it_is_tried_again_and_then_fails(rig: AsyncRig) -> None:
    async with rig.worker():
        handle = await rig.ask(max_attempts=2)
        asked = (await rig.end(handle))["asked"]
    assert (asked.status, asked.attempts) == ("failed", 2)
    assert asked.error is not None
    assert asked.error.type == "TransientError"
    assert "no queue takes requests of type 'ask'" in asked.error.message
