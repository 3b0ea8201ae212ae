"""What a reply does to the action that waits for it."""

import pytest
from aio_pika.abc import AbstractChannel

from ichor_core.contract import (
    MAX_REPLY_BYTES,
    MAX_VALUE_BYTES,
    ActionReply,
    ReplyError,
    is_offloaded,
    restore,
)
from tests.kit.async_rig import AsyncRig, dead_letters, send

pytestmark = pytest.mark.servers


async def test_a_failure_is_tried_again_if_it_may_be(
    rig: AsyncRig, channel: AbstractChannel
) -> None:
    async with rig.worker(), rig.completer():
        handle = await rig.ask()
        first = await rig.requests.get()
        error = ReplyError("busy", "BusyError", retryable=True)
        await send(channel, rig.topology, ActionReply(first.reply_token, False, error=error))
        second = await rig.requests.get()
        assert (first.request_id, first.attempt) == (second.request_id, 1)
        assert second.attempt == 2
        assert second.reply_token != first.reply_token
        error = ReplyError("sold out", "SoldOutError")
        await send(channel, rig.topology, ActionReply(second.reply_token, False, error=error))
        asked = (await rig.end(handle))["asked"]
    assert (asked.status, asked.attempts) == ("failed", 2)
    assert asked.error is not None
    assert (asked.error.type, asked.error.message) == ("SoldOutError", "sold out")


async def test_a_large_value_is_kept_outside(rig: AsyncRig, channel: AbstractChannel) -> None:
    text = "ü" * MAX_VALUE_BYTES
    async with rig.worker(), rig.completer():
        handle = await rig.ask()
        request = await rig.requests.get()
        await send(channel, rig.topology, ActionReply(request.reply_token, True, {"answer": text}))
        after = (await rig.end(handle))["after"]
    assert after.result is not None
    assert is_offloaded(after.result["kept"])
    assert await restore(after.result, rig.values) == {"kept": text}


async def test_an_oversized_reply_fails_the_action(rig: AsyncRig, channel: AbstractChannel) -> None:
    async with rig.worker(), rig.completer():
        handle = await rig.ask()
        request = await rig.requests.get()
        reply = ActionReply(request.reply_token, True, {"answer": "x" * MAX_REPLY_BYTES})
        await send(channel, rig.topology, reply)
        asked = (await rig.end(handle))["asked"]
    assert asked.attempts == 1
    assert asked.error is not None
    assert asked.error.type == "ReplyTooLargeError"
    assert await dead_letters(channel, rig.topology) == 0
