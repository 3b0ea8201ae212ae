"""The user that docs/operations.md gives a team can answer its own requests, and nothing else."""

import asyncio
import re
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import aio_pika
import pytest
from aio_pika import Message
from aiormq.exceptions import ChannelAccessRefused
from msgspec import Struct

from ichor_devstack.rabbitmq import rabbitmq
from ichor_runtime.amqp import Topology, declare_request_queue, declare_topology, open_channel
from tests.docs.pages import pages

pytestmark = pytest.mark.servers

(COMMANDS,) = (
    fence.code for fence in pages()["docs/operations.md"].fences if "rabbitmqctl" in fence.code
)
(PERMISSIONS,) = re.findall(r"inventory '(\S+)' '(\S+)' '(\S+)'", COMMANDS)
TOPOLOGY = Topology()
OWN, OTHER = "allocate_inventory", "credit_check"


class Broker(Struct, frozen=True):
    """A broker as its owner and as a team reach it."""

    url: str
    team: str


@pytest.fixture(scope="module")
async def broker() -> AsyncIterator[Broker]:
    async with rabbitmq() as server:
        if server.folder is None or server.process is None:
            pytest.skip("users are made on a broker of our own only")
        # What the node itself runs with says which node rabbitmqctl is to speak to.
        environment = Path(f"/proc/{server.process.pid}/environ").read_bytes().decode().split("\0")
        variables = dict(one.split("=", 1) for one in environment if one)
        password = secrets.token_hex(8)
        for arguments in (
            ["add_user", "inventory", password],
            ["set_permissions", "--vhost", "/", "inventory", *PERMISSIONS],
        ):
            await _control(arguments, variables)
        async with open_channel(server.url, "test") as channel:
            await declare_topology(channel, TOPOLOGY)
            for kind in (OWN, OTHER):
                await declare_request_queue(channel, TOPOLOGY, kind)
        parts = urlsplit(server.url)
        team = urlunsplit(parts._replace(netloc=f"inventory:{password}@127.0.0.1:{parts.port}"))
        yield Broker(server.url, team)


async def _control(arguments: list[str], variables: dict[str, str]) -> None:
    process = await asyncio.create_subprocess_exec(
        "/usr/lib/rabbitmq/bin/rabbitmqctl",
        *arguments,
        env=variables,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()


async def test_it_reads_its_requests_and_answers_them(broker: Broker):
    async with open_channel(broker.url, "engine") as engine:
        actions = await engine.get_exchange(TOPOLOGY.actions)
        await actions.publish(Message(b"a request"), OWN)
        async with open_channel(broker.team, "team") as channel:
            queue = await channel.get_queue(TOPOLOGY.request_queue(OWN), ensure=False)
            request = await queue.get()
            assert request is not None
            assert request.body == b"a request"
            replies = await channel.get_exchange(TOPOLOGY.replies, ensure=False)
            await replies.publish(Message(b"a reply"), TOPOLOGY.replies)
            await request.ack()
        reply = await (await engine.get_queue(TOPOLOGY.replies)).get()
        assert reply is not None
        assert reply.body == b"a reply"
        await reply.ack()


async def _read_others(channel: aio_pika.abc.AbstractChannel) -> None:
    await (await channel.get_queue(TOPOLOGY.request_queue(OTHER), ensure=False)).get()


async def _read_replies(channel: aio_pika.abc.AbstractChannel) -> None:
    await (await channel.get_queue(TOPOLOGY.replies, ensure=False)).get()


async def _declare(channel: aio_pika.abc.AbstractChannel) -> None:
    await channel.declare_queue("mine")


async def _bind_to_all(channel: aio_pika.abc.AbstractChannel) -> None:
    queue = await channel.get_queue(TOPOLOGY.request_queue(OWN), ensure=False)
    await queue.bind(TOPOLOGY.actions, routing_key="#")


async def _publish_a_request(channel: aio_pika.abc.AbstractChannel) -> None:
    exchange = await channel.get_exchange(TOPOLOGY.actions, ensure=False)
    await exchange.publish(Message(b"x"), OTHER)


async def _publish_into_a_queue(channel: aio_pika.abc.AbstractChannel) -> None:
    await channel.default_exchange.publish(Message(b"x"), TOPOLOGY.dead_letters)


@pytest.mark.parametrize(
    "what",
    [
        _read_others,
        _read_replies,
        _declare,
        _bind_to_all,
        _publish_a_request,
        _publish_into_a_queue,
    ],
)
async def test_it_may_do_nothing_else(broker: Broker, what):
    with pytest.raises(ChannelAccessRefused):
        async with open_channel(broker.team, "team") as channel:
            await what(channel)
