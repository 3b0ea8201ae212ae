"""The commands about dead letters, as an operator runs them, on a real broker."""

import asyncio
import base64
import json
import os
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from aio_pika import DeliveryMode, Message
from aio_pika.abc import AbstractChannel

from ichor_activities import ReplyToken, ReplyTokens
from ichor_core import exact_json
from ichor_core.contract import ActionReply
from ichor_devstack.rabbitmq_server import RabbitmqServer
from ichor_runtime.amqp import Topology, declare_topology, delete_topology, open_channel

pytestmark = pytest.mark.servers

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
TOKEN = ReplyToken(
    task_token=b"t",
    execution_id="e",
    action_id="a",
    action_name="ask",
    attempt=1,
    expires_at=datetime.now(UTC) + timedelta(hours=1),
)


@pytest.fixture
def topology(amqp_prefix: str) -> Topology:
    return Topology(amqp_prefix)


@pytest.fixture
async def channel(
    rabbitmq_server: RabbitmqServer, topology: Topology
) -> AsyncIterator[AbstractChannel]:
    async with open_channel(rabbitmq_server.url, "test") as channel:
        await declare_topology(channel, topology)
        yield channel
        await delete_topology(channel, topology)


@pytest.fixture
def command(rabbitmq_server: RabbitmqServer, topology: Topology):
    async def run(*arguments: str, code: int = 0, **variables: str) -> str:
        environment = {
            **os.environ,
            "AMQP_URL": rabbitmq_server.url,
            "AMQP_PREFIX": topology.prefix,
            "REPLY_TOKEN_KEYS": base64.b64encode(KEY).decode(),
            **variables,
        }
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "ichor_async_completer", "dead-letters", *arguments),
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        output, errors = await process.communicate()
        assert process.returncode == code, errors.decode()
        return (output if code == 0 else output + errors).decode()

    return run


async def die(channel: AbstractChannel, topology: Topology, body: bytes, message_id: str) -> None:
    """Send a reply and give it up, as the completer does."""
    exchange = await channel.get_exchange(topology.replies)
    message = Message(body, message_id=message_id, delivery_mode=DeliveryMode.PERSISTENT)
    await exchange.publish(message, "some.key", mandatory=True)
    queue = await channel.get_queue(topology.replies)
    taken = await queue.get()
    await taken.reject(requeue=False)


async def settled(channel: AbstractChannel, name: str, count: int) -> None:
    """Wait until so many messages are in a queue."""
    while True:
        queue = await channel.declare_queue(name, passive=True)
        if queue.declaration_result.message_count == count:
            return
        await asyncio.sleep(0.02)


async def test_list_show_replay_discard(channel, topology, command):
    forged = exact_json.encode(ActionReply(ReplyTokens([OTHER_KEY]).seal(TOKEN), True))
    await die(channel, topology, forged, "forged")
    await die(channel, topology, b"\xffgarbage", "garbage")
    await settled(channel, topology.dead_letters, 2)

    listed = json.loads(await command("list", "--json"))
    assert listed["total"] == 2
    first, second = listed["dead_letters"]
    assert (first["message_id"], second["message_id"]) == ("forged", "garbage")
    assert first["queue"] == first["exchange"] == topology.replies
    assert first["routing_key"] == "some.key"
    assert "unknown key" in first["reason"]
    assert "not JSON" in second["reason"]
    assert "2 of 2" in await command("list")
    assert "1 of 2" in await command("list", "--limit", "1")

    shown = await command("show", second["id"])
    assert "\\xffgarbage" in shown
    assert "x-death" in shown
    assert "datetime" not in shown
    assert "message_id=garbage" in shown
    assert "no dead letter beef" in await command("show", "beef", code=1)

    # The cause is cured: the other key is known too.
    keys = ",".join(base64.b64encode(key).decode() for key in (KEY, OTHER_KEY))
    assert "usable now" in await command("list", REPLY_TOKEN_KEYS=keys)
    replayed = json.loads(await command("replay", first["id"], "--json"))
    assert replayed == {"replayed": [first["id"]], "not_found": []}
    await settled(channel, topology.replies, 1)
    message = await (await channel.get_queue(topology.replies)).get()
    assert (message.body, message.message_id) == (forged, "forged")
    assert not any(name.startswith("x-death") for name in message.headers)
    await message.ack()

    assert "1 discarded" in await command("discard", "--all")
    await settled(channel, topology.dead_letters, 0)
    assert "0 of 0" in await command("list")


async def test_what_is_not_there_is_named_and_the_rest_is_done(channel, topology, command):
    for name in ("first", "second"):
        await die(channel, topology, name.encode(), name)
    await settled(channel, topology.dead_letters, 2)
    first, second = json.loads(await command("list", "--json"))["dead_letters"]

    said = await command("discard", first["id"], "nope", "beef", "nope", code=1)
    assert said == "1 discarded\nno dead letter nope, beef\n"
    said = await command("replay", first["id"], "--json", code=1)
    document, _, complaint = said.partition("\n")
    assert json.loads(document) == {"replayed": [], "not_found": [first["id"]]}
    assert complaint == f"no dead letter {first['id']}\n"
    assert await command("replay", second["id"]) == "1 replayed\n"
    await settled(channel, topology.dead_letters, 0)
    await settled(channel, topology.replies, 1)


async def test_the_oldest_stay_first_whatever_was_looked_at(channel, topology, command):
    # As the broker leaves it behind: times to the second, and what was returned in any order.
    names = ["newest", "old", "older", "oldest"]
    exchange = await channel.get_exchange(topology.dead_letters)
    for hours, name in enumerate(names):
        died = {"time": datetime(2026, 1, 2, 12 - hours, tzinfo=UTC), "queue": "q", "reason": "r"}
        await exchange.publish(
            Message(name.encode(), message_id=name, headers={"x-death": [died]}), "", mandatory=True
        )
    await settled(channel, topology.dead_letters, 4)

    async def listed(*arguments: str) -> list[str]:
        letters = json.loads(await command("list", "--json", *arguments))["dead_letters"]
        return [letter["message_id"] for letter in letters]

    oldest, *_, newest = json.loads(await command("list", "--json"))["dead_letters"]
    for id in (newest["id"], oldest["id"]):
        document = json.loads(await command("show", id, "--json"))
        assert document["headers"]["x-death"][0]["time"].endswith("Z")
        assert await listed() == names[::-1]
        assert await listed("--limit", "1") == ["oldest"]
        assert await listed("--limit", "3") == ["oldest", "older", "old"]
    assert "2026-01-02T09:00:00Z" in await command("list", "--limit", "1")
    assert await command("discard", "--all", "--limit", "2") == "2 discarded\n"
    assert await listed() == ["old", "newest"]


async def test_those_of_one_second_keep_their_order(channel, topology, command):
    names = [f"{n}" for n in range(5)]
    for name in names:
        await die(channel, topology, name.encode(), name)
    await settled(channel, topology.dead_letters, 5)
    for _ in range(3):
        letters = json.loads(await command("list", "--json"))["dead_letters"]
        assert [letter["message_id"] for letter in letters] == names
        await command("show", letters[1]["id"])
        await command("show", "nope", code=1)


async def test_a_message_id_cannot_command_a_terminal(channel, topology, command):
    await die(channel, topology, b"x", "\x1b[2Jé")
    await settled(channel, topology.dead_letters, 1)
    assert "message_id=\\x1b[2J\\xe9 " in await command("list")


async def test_what_is_not_said_clearly_is_refused(command):
    for name in ("replay", "discard"):
        assert "--all" in await command(name, code=2)
        assert "--all" in await command(name, "abc", "--all", code=2)
        assert "--limit" in await command(name, "abc", "--limit", "3", code=2)
    await command("list", "--limit", "0", code=2)
    assert "AMQP_URL" in await command("list", code=2, AMQP_URL="http://x")
    assert "RabbitMQ" in await command("list", code=1, AMQP_URL="amqp://127.0.0.1:1/")
