"""The example service: the same request twice is one reservation; its answers are as documented."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import msgspec
import pytest
from aio_pika import DeliveryMode, Message
from aio_pika.exceptions import PublishError
from examples.inventory_service.stock import create_tables, decide, put_stock, reserve

from ichor_actions.types.inventory import AllocateInventoryReply
from ichor_core import exact_json
from ichor_core.contract import ActionReply
from ichor_runtime.amqp import Topology, declare_topology, delete_topology, open_channel


@pytest.fixture
async def pool(database: str) -> AsyncIterator[asyncpg.Pool]:
    async with asyncpg.create_pool(database, min_size=1, max_size=10) as pool:
        await create_tables(pool)
        yield pool


def asked(quantity: int, *, partial: bool = False) -> dict[str, Any]:
    return {
        "order_id": "1",
        "items": [{"sku": "A", "quantity": quantity}],
        "warehouse": None,
        "allow_partial": partial,
    }


@pytest.mark.parametrize(
    ("wanted", "available", "partial", "status", "allocated"),
    [
        ({"A": 2}, {"A": 2}, False, "allocated", [2]),
        ({"A": 3}, {"A": 2}, False, "insufficient", [0]),
        ({"A": 3, "B": 1}, {"A": 2}, True, "partial", [2, 0]),
        ({"A": 3}, {}, True, "insufficient", [0]),
    ],
)
def test_what_can_be_reserved(wanted, available, partial, status, allocated):
    answer = decide(wanted, available, partial=partial)
    assert answer["status"] == status
    assert [line["allocated"] for line in answer["allocations"]] == allocated
    msgspec.convert(answer, AllocateInventoryReply)


@pytest.mark.servers
async def test_a_repeated_request_is_one_reservation(pool: asyncpg.Pool):
    await put_stock(pool, {"A": 10})
    answers = await asyncio.gather(*(reserve(pool, "same", asked(4)) for _ in range(8)))
    assert all(answer == answers[0] for answer in answers)
    assert await pool.fetchval("SELECT available FROM inventory.stock") == 6
    assert (await reserve(pool, "other", asked(7)))["status"] == "insufficient"
    assert (await reserve(pool, "other", asked(1)))["status"] == "insufficient"
    assert (await reserve(pool, "third", asked(7, partial=True)))["status"] == "partial"
    assert await pool.fetchval("SELECT available FROM inventory.stock") == 0


@pytest.mark.servers
async def test_the_process_answers(rabbitmq_server, amqp_prefix: str, database: str):
    topology = Topology(amqp_prefix)
    async with open_channel(rabbitmq_server.url, "test") as channel:
        exchange = await declare_topology(channel, topology)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "examples.inventory_service"),
            env={
                **os.environ,
                "AMQP_URL": rabbitmq_server.url,
                "AMQP_PREFIX": amqp_prefix,
                "INVENTORY_DATABASE_URL": database,
                "INVENTORY_STOCK": '{"A": 5}',
                "INVENTORY_THINK_SECONDS": "0.05",
            },
        )
        try:
            request = {
                "request_id": "r",
                "reply_token": "token",
                "attempt": 1,
                "payload": asked(5),
                "version": 1,
            }
            message = Message(
                json.dumps(request).encode(),
                delivery_mode=DeliveryMode.PERSISTENT,
                reply_to=topology.replies,
            )
            while True:
                try:
                    await exchange.publish(message, "allocate_inventory", mandatory=True)
                    break
                except PublishError:  # it has not bound its queue yet
                    assert process.returncode is None
                    await asyncio.sleep(0.05)
            replies = await channel.get_queue(topology.replies)
            while (taken := await replies.get(fail=False)) is None:
                assert process.returncode is None
                await asyncio.sleep(0.05)
            await taken.ack()
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()
        assert process.returncode == 0
        reply = exact_json.decode(taken.body, ActionReply)
        assert (reply.reply_token, reply.success) == ("token", True)
        assert msgspec.convert(reply.result, AllocateInventoryReply).status == "allocated"
        await delete_topology(channel, topology, ("allocate_inventory",))
