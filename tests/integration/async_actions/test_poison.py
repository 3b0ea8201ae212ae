"""Poison among good replies. At full size: `make soak`."""

import asyncio
import os

import pytest
from aio_pika.abc import AbstractChannel

from ichor_activities import ReplyTokens
from ichor_core import exact_json
from ichor_core.contract import ActionReply
from tests.kit.async_rig import AsyncRig, dead_letters, send, until, waiting

pytestmark = pytest.mark.servers

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
