"""Other systems and people end actions while worker, completer and RabbitMQ are killed (SIGKILL).

200 executions reserve stock over RabbitMQ, ask a person and write a row.
"""

import asyncio
import json
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import asyncpg
import httpx2
import pytest
from temporalio.client import Client

from ichor_core import exact_json
from ichor_core.contract import EXECUTE_ASYNC_ACTION_ACTIVITY, ActionRequest
from ichor_devstack.rabbitmq import rabbitmq
from ichor_devstack.temporal import temporal
from ichor_runtime.amqp import open_channel
from ichor_runtime.temporal import data_converter
from tests.end_to_end.kit.gated_target import gated_target
from tests.end_to_end.kit.installation import Document, Installation
from tests.end_to_end.kit.orders import EXECUTIONS, STOCK, TAP, TOPOLOGY, Orders, until

pytestmark = [pytest.mark.servers, pytest.mark.timeout(300)]


@pytest.fixture
async def orders(tmp_path: Path) -> AsyncIterator[Orders]:
    async with AsyncExitStack() as stack:
        broker = await stack.enter_async_context(rabbitmq(tmp_path / "rabbitmq"))
        if broker.process is None:
            pytest.skip("the broker of AMQP_URL is not ours to kill")
        target = await stack.enter_async_context(gated_target())
        engine = await stack.enter_async_context(temporal())
        ichor = Installation(tmp_path, target, engine)
        await ichor.open()
        stack.push_async_callback(ichor.close)
        http = await stack.enter_async_context(
            httpx2.AsyncClient(
                base_url=f"{ichor.api.url}/api/v1/workflow", trust_env=False, timeout=30
            )
        )
        connection = await asyncpg.connect(ichor.dsn)
        stack.push_async_callback(connection.close)
        orders = Orders(ichor, broker, http, connection, tmp_path)
        stack.push_async_callback(orders.end)
        await orders.begin()
        yield orders


async def test_every_execution_ends_and_every_effect_happens_once(orders: Orders):
    async with asyncio.TaskGroup() as people:
        people.create_task(orders.decide())

        async with orders.a_lot_in_flight():
            await orders.ichor.worker.end(signal.SIGKILL)
        await orders.ichor.worker.start(**orders.amqp)

        async with orders.a_lot_in_flight():
            await orders.completer.end(signal.SIGKILL)
        # What is answered while nobody takes it waits in the queue.
        await until(orders.all_reserved)
        await orders.completer.start()

        async with orders.a_lot_in_flight():
            await orders.broker.kill()
        await orders.broker.start()

        orders.all_may_be_decided = True
        await orders.post_lot()
    ends = await asyncio.gather(*map(orders.ichor.end_of, orders.posted))

    assert Counter(end["status"] for end in ends) == {"completed": EXECUTIONS}
    await check_answers(orders, ends)
    await check_effects(orders, ends)
    await check_requests(orders)


async def check_answers(orders: Orders, ends: list[Document]) -> None:
    """Every request was completed once as Temporal sees it, with the other system's answer."""
    rows = await orders.ichor.sql("SELECT (request_id, answer) FROM inventory.reservations")
    answers = {request_id.split("/")[0]: json.loads(answer) for request_id, answer in rows}
    reserved = {
        execution_id: next(one["result"] for one in end["actions"] if one["name"] == "reserve")
        for execution_id, end in zip(orders.posted, ends, strict=True)
    }
    assert reserved == answers
    client = await Client.connect(orders.ichor.temporal.address, data_converter=data_converter)
    completions: Counter[str] = Counter()
    for workflow_id in await orders.ichor.sql("SELECT workflow_id FROM workflow.executions"):
        events = (await client.get_workflow_handle(workflow_id).fetch_history()).events
        asked = {
            event.event_id
            for event in events
            if event.activity_task_scheduled_event_attributes.activity_type.name
            == EXECUTE_ASYNC_ACTION_ACTIVITY
        }
        completions[workflow_id] += sum(
            event.activity_task_completed_event_attributes.scheduled_event_id in asked
            for event in events
        )
    assert Counter(completions.values()) == {1: EXECUTIONS}


async def check_effects(orders: Orders, ends: list[Document]) -> None:
    """Every row that is to be written is there once, and so is every decision."""
    expected = [
        f"order {number}: {action['result']['reservation_id']}"
        for number, end in enumerate(ends)
        for action in end["actions"]
        if action["name"] == "reserve"
    ]
    rows = await orders.ichor.sql("SELECT name FROM public.steps")
    assert sorted(rows) == sorted(expected)
    left = await orders.count("SELECT sum(available) FROM inventory.stock")
    assert left == 2 * STOCK - EXECUTIONS
    decided = "SELECT count(*) FROM workflow.approvals WHERE status = 'approved'"
    assert await orders.count(decided) == EXECUTIONS
    assert await orders.count("SELECT count(*) FROM workflow.approval_decisions") == EXECUTIONS


async def check_requests(orders: Orders) -> None:
    """What was sent again had the id of the first; within an attempt it was the same message."""
    sent: list[ActionRequest] = []
    async with open_channel(orders.broker.url, "test") as channel:
        tap = await channel.get_queue(TAP)
        while (message := await tap.get(no_ack=True, fail=False)) is not None:
            sent.append(exact_json.decode(message.body, ActionRequest))
        dead = await channel.declare_queue(TOPOLOGY.dead_letters, passive=True)
    assert {request.execution_id for request in sent} == set(orders.posted)
    assert len({request.request_id for request in sent}) == EXECUTIONS
    # Whose confirmation was lost with the broker is published again, within the attempt.
    tokens = {(request.request_id, request.attempt, request.reply_token) for request in sent}
    assert len({(request_id, attempt) for request_id, attempt, _ in tokens}) == len(tokens)
    assert dead.declaration_result.message_count == 0
