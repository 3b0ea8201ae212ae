"""Worker and completer as processes: one is killed in the middle, or the reply is a bad one."""

import asyncio
import base64
import json
import os
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from aio_pika import DeliveryMode, Message
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle

from ichor_actions.types.inventory import allocate_inventory
from ichor_async_completer.replies.result_schemas import INVALID
from ichor_core import exact_json
from ichor_core.contract import (
    EXECUTE_GRAPH_WORKFLOW,
    TASK_QUEUE,
    ActionReply,
    ActionRequest,
    WorkflowInput,
    WorkflowOutput,
)
from ichor_core.graph import ActionEdge, ActionNode, GraphDefinition
from ichor_core.ids import ActionId, ExecutionId, RuleId
from ichor_devstack.ports import free_port
from ichor_devstack.rabbitmq_server import RabbitmqServer
from ichor_devstack.temporal import TemporalServer
from ichor_edgestore.migrations import migrate
from ichor_runtime.amqp import (
    Topology,
    declare_request_queue,
    declare_topology,
    delete_topology,
    open_channel,
)

pytestmark = pytest.mark.servers

ACTION = ActionId("00000000-0000-0000-0000-000000000001")
TYPE = "allocate_inventory"
EXECUTIONS = 40
COMPLETER = ("ichor_async_completer", "serve")
GRAPH = GraphDefinition(
    [ActionNode(ACTION, "reserve", TYPE, {"order_id": 1, "items": [{"sku": "A", "quantity": 1}]})],
    [ActionEdge(ACTION, "start")],
)


@asynccontextmanager
async def process(
    *command: str, **variables: str
) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """Run a service until the end of the context; give it and the URL of its readiness."""
    port = free_port()
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", *command),
        env={**os.environ, **variables, "PORT": str(port), "LOG_LEVEL": "warning"},
    )
    try:
        yield running, f"http://127.0.0.1:{port}/health/ready"
    finally:
        if running.returncode is None:
            running.terminate()
            assert await running.wait() == 0


async def ready(running: asyncio.subprocess.Process, url: str) -> dict[str, object]:
    """Wait until a process is ready; return its report."""

    def ask() -> dict[str, object] | None:
        try:
            with urllib.request.urlopen(url) as answer:
                return json.loads(answer.read())
        except (urllib.error.URLError, ConnectionError):
            return None

    while (report := await asyncio.to_thread(ask)) is None:
        assert running.returncode is None
        await asyncio.sleep(0.05)
    return report


@pytest.fixture
async def variables(
    temporal_server: TemporalServer,
    rabbitmq_server: RabbitmqServer,
    database: str,
    amqp_prefix: str,
) -> AsyncIterator[dict[str, str]]:
    """Give what both services are told."""
    await migrate(database)
    yield {
        "AMQP_URL": rabbitmq_server.url,
        "AMQP_PREFIX": amqp_prefix,
        "REPLY_TOKEN_KEYS": base64.b64encode(b"k" * 32).decode(),
        "DATABASE_URL": database,
        "TEMPORAL_ADDRESS": temporal_server.address,
    }
    async with open_channel(rabbitmq_server.url, "test") as channel:
        await delete_topology(channel, Topology(amqp_prefix), (TYPE,))


@asynccontextmanager
async def other_system(
    variables: dict[str, str], result: dict[str, Any]
) -> AsyncIterator[tuple[AbstractChannel, set[str]]]:
    """Answer every request with a result; give a channel and the ids of what was asked."""
    topology = Topology(variables["AMQP_PREFIX"])
    asked: set[str] = set()
    async with open_channel(variables["AMQP_URL"], "other-system") as channel:
        await declare_topology(channel, topology)
        queue = await declare_request_queue(channel, topology, TYPE)
        replies = await channel.get_exchange(topology.replies)

        async def answer(message: AbstractIncomingMessage) -> None:
            request = exact_json.decode(message.body, ActionRequest)
            asked.add(request.request_id)
            reply = ActionReply(request.reply_token, True, result)
            body = Message(exact_json.encode(reply), delivery_mode=DeliveryMode.PERSISTENT)
            await replies.publish(body, "", mandatory=True)
            await message.ack()

        await queue.consume(answer)
        yield channel, asked


async def dead_letters(channel: AbstractChannel, variables: dict[str, str]) -> int | None:
    name = Topology(variables["AMQP_PREFIX"]).dead_letters
    return (await channel.declare_queue(name, passive=True)).declaration_result.message_count


async def start(client: Client) -> WorkflowHandle[Any, WorkflowOutput]:
    """Start an execution that asks the other system."""
    return await client.start_workflow(
        EXECUTE_GRAPH_WORKFLOW,
        WorkflowInput(
            rule_id=RuleId(str(uuid4())),
            execution_id=ExecutionId(str(uuid4())),
            graph=GRAPH,
            trigger_data={},
            policies={TYPE: allocate_inventory.spec.action_type.policy},
        ),
        id=f"test-{uuid4()}",
        task_queue=TASK_QUEUE,
        result_type=WorkflowOutput,
    )


async def test_a_killed_completer_loses_nothing(client: Client, variables: dict[str, str]) -> None:
    async with (
        other_system(variables, {"status": "allocated"}) as (channel, asked),
        process("ichor_worker", **variables) as worker,
    ):
        await ready(*worker)
        async with process(*COMPLETER, **variables) as (first, url):
            await ready(first, url)
            handles = [await start(client) for _ in range(EXECUTIONS)]
            await handles[0].result()
            first.kill()
            await first.wait()
        async with process(*COMPLETER, **variables) as (second, url):
            outputs = await asyncio.gather(*(handle.result() for handle in handles))
            report = await ready(second, url)
        assert {output.status for output in outputs} == {"completed"}
        assert len(asked) == EXECUTIONS
        assert report["status"] == "ready"
        assert await dead_letters(channel, variables) == 0


async def test_a_result_that_does_not_fit_its_type_fails_the_action(
    client: Client, variables: dict[str, str]
) -> None:
    """The schema is the one that the worker publishes and the completer reads."""
    async with (
        other_system(variables, {"status": "perhaps"}) as (channel, asked),
        process("ichor_worker", **variables) as worker,
        process(*COMPLETER, **variables) as completer,
    ):
        await ready(*worker)
        await ready(*completer)
        with pytest.raises(WorkflowFailureError) as failed:
            await (await start(client)).result()
        assert "$.status: 'perhaps' is not one of" in str(failed.value.cause)
        connection = await asyncpg.connect(variables["DATABASE_URL"])
        try:
            row = await connection.fetchrow(
                "SELECT error ->> 'type' AS type, status, attempts FROM workflow.action_executions"
            )
        finally:
            await connection.close()
        assert dict(row) == {"type": INVALID, "status": "failed", "attempts": 1}
        assert len(asked) == 1
        assert await dead_letters(channel, variables) == 0
