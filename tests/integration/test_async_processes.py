"""Worker and completer as processes, one of which is killed in the middle."""

import asyncio
import base64
import json
import os
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest
from aio_pika import DeliveryMode, Message
from aio_pika.abc import AbstractIncomingMessage
from temporalio.client import Client

from ichor_actions.inventory import allocate_inventory
from ichor_core import exact_json
from ichor_core.contract import (
    EXECUTE_GRAPH_WORKFLOW,
    TASK_QUEUE,
    WorkflowInput,
    WorkflowOutput,
)
from ichor_core.graph import ActionEdge, ActionNode, GraphDefinition
from ichor_core.ids import ActionId, ExecutionId, RuleId
from ichor_core.messages import ActionReply, ActionRequest
from ichor_devstack.ports import free_port
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


async def test_a_killed_completer_loses_nothing(
    client: Client, temporal_server, rabbitmq_server, database: str, amqp_prefix: str
) -> None:
    await migrate(database)
    topology = Topology(amqp_prefix)
    variables = {
        "AMQP_URL": rabbitmq_server.url,
        "AMQP_PREFIX": amqp_prefix,
        "REPLY_TOKEN_KEYS": base64.b64encode(b"k" * 32).decode(),
        "DATABASE_URL": database,
        "TEMPORAL_ADDRESS": temporal_server.address,
    }
    completer = ("ichor_async_completer", "serve")
    async with (
        open_channel(rabbitmq_server.url, "other-system") as channel,
        process("ichor_worker", **variables) as worker,
    ):
        await declare_topology(channel, topology)
        queue = await declare_request_queue(channel, topology, TYPE)
        replies = await channel.get_exchange(topology.replies)
        asked: set[str] = set()

        async def answer(message: AbstractIncomingMessage) -> None:
            request = exact_json.decode(message.body, ActionRequest)
            asked.add(request.request_id)
            reply = ActionReply(request.reply_token, True, {"status": "allocated"})
            body = Message(exact_json.encode(reply), delivery_mode=DeliveryMode.PERSISTENT)
            await replies.publish(body, "", mandatory=True)
            await message.ack()

        await queue.consume(answer)
        await ready(*worker)
        async with process(*completer, **variables) as (first, url):
            await ready(first, url)
            handles = [
                await client.start_workflow(
                    EXECUTE_GRAPH_WORKFLOW,
                    WorkflowInput(
                        RuleId(str(uuid4())),
                        ExecutionId(str(uuid4())),
                        GRAPH,
                        {},
                        policies={TYPE: allocate_inventory.spec.action_type.policy},
                    ),
                    id=f"test-{uuid4()}",
                    task_queue=TASK_QUEUE,
                    result_type=WorkflowOutput,
                )
                for _ in range(EXECUTIONS)
            ]
            await handles[0].result()
            first.kill()
            await first.wait()
        async with process(*completer, **variables) as (second, url):
            outputs = await asyncio.gather(*(handle.result() for handle in handles))
            report = await ready(second, url)
        assert {output.status for output in outputs} == {"completed"}
        assert len(asked) == EXECUTIONS
        assert report["status"] == "ready"
        dead = await channel.declare_queue(topology.dead_letters, passive=True)
        assert dead.declaration_result.message_count == 0
        await delete_topology(channel, topology, (TYPE,))
