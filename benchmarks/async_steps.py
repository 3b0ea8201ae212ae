"""What a step costs that another system finishes: against a confirmed publish and empty workflows.

The services run as they are deployed, each in its own process; so does the other system, which
answers at once. A run begins with the event over HTTP, and ends when Temporal has the workflow's
result, which is the last that happens: the end is stored before.
"""

import asyncio
import json
import secrets
import sys
import tempfile
from base64 import b64encode
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from uuid import uuid4

import httpx2
from aio_pika import DeliveryMode, Message
from demo.api import PREFIX, TriggerApi
from demo.services import start_outsider, start_service
from pamqp.common import FieldValue
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from benchmarks.answering import READY
from benchmarks.handwritten import EmptyByHand, Plan
from benchmarks.measure import Figures, RunOne, measure
from ichor_core import exact_json
from ichor_core.contract import WorkflowOutput
from ichor_core.graph import ActionEdge, ActionNode, GraphDefinition
from ichor_core.ids import ActionId, RuleId, derive_workflow_id
from ichor_devstack.stack import Stack
from ichor_edgestore.migrations import migrate
from ichor_runtime.amqp import open_channel
from ichor_runtime.temporal import data_converter

IN_FLIGHT = (1, 100)
ASYNC_STEP, LOCAL_STEP = "async step", "local step"
EMPTY, PUBLISH = "empty workflow", "confirmed publish"
_ACTION_TYPE = "allocate_inventory"
_TASK_QUEUE = "benchmark"
_NOT_STARTED_SECONDS = 0.002
_STEPS: dict[str, tuple[str, dict[str, object]]] = {
    ASYNC_STEP: (_ACTION_TYPE, {"order_id": 1, "items": [{"sku": "A", "quantity": 1}]}),
    LOCAL_STEP: ("set_values", {"values": {"sku": "A", "quantity": 1}}),
}


async def async_steps(servers: Stack, runs: int, rounds: int) -> None:
    """Print latency and throughput, and their ratios."""
    async with contenders(servers) as all_of_them:
        figures = {
            in_flight: await measure(
                all_of_them,
                at_a_time=in_flight,
                runs=runs * (4 if in_flight == 1 else 20),
                rounds=rounds,
                # Too short a time says nothing of the rate.
                times={PUBLISH: 10},
            )
            for in_flight in IN_FLIGHT
        }
    show(figures)


def show(figures: dict[int, dict[str, Figures]]) -> None:
    """Print the figures and ratios of all contenders, by what is in flight."""
    print("\nSteps that another system finishes: from the event over HTTP to the execution's end\n")
    print("| in flight | what | /s | p50 | p99 |\n|---:|---|---:|---:|---:|")
    for in_flight, by_name in figures.items():
        for name, one in by_name.items():
            print(
                f"| {in_flight} | {name} | {one.per_second:.1f} | {one.p50_ms:.1f} ms "
                f"| {one.p99_ms:.1f} ms |"
            )
    print("\n| in flight | async step / | /s | p50 | p99 |\n|---:|---|---:|---:|---:|")
    for in_flight, by_name in figures.items():
        step = by_name[ASYNC_STEP]
        for name in (PUBLISH, EMPTY, LOCAL_STEP):
            other = by_name[name]
            print(
                f"| {in_flight} | {name} | **{step.per_second / other.per_second:.3f}** "
                f"| **{step.p50_ms / other.p50_ms:.1f}** | **{step.p99_ms / other.p99_ms:.1f}** |",
                flush=True,
            )


@asynccontextmanager
async def contenders(servers: Stack) -> AsyncGenerator[dict[str, RunOne]]:
    """Run the services, the other system and a worker for the empty workflow."""
    broker = servers.rabbitmq
    if broker is None:
        raise RuntimeError("the stack has no RabbitMQ")
    dsn = await servers.postgres.create_database()
    await migrate(dsn)
    settings = {
        "AMQP_URL": broker.url,
        "DATABASE_URL": dsn,
        "TEMPORAL_ADDRESS": servers.temporal.address,
        "REPLY_TOKEN_KEYS": b64encode(secrets.token_bytes(32)).decode(),
        "LOG_LEVEL": "warning",
    }
    answers = {
        "AMQP_URL": broker.url,
        "ACTION_TYPE": _ACTION_TYPE,
        "RESULT": json.dumps({"status": "allocated"}),
    }
    async with AsyncExitStack() as stack:
        logs = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ichor-benchmark-")))
        answering = [sys.executable, "-m", "benchmarks.answering"]
        other = await start_outsider("answering", answering, answers, logs, ready=READY)
        services = [other]
        stack.push_async_callback(other.stop)
        for command in (
            ["ichor-worker", "serve"],
            ["ichor-async-completer", "serve"],
            ["ichor-trigger-api", "serve"],
        ):
            services.append(await start_service(command, settings, logs))
            stack.push_async_callback(services[-1].stop)
        for service in services:
            await service.wait_until_ready()
        url = services[-1].url
        client = await Client.connect(servers.temporal.address, data_converter=data_converter)
        worker = Worker(
            client,
            task_queue=_TASK_QUEUE,
            workflows=[EmptyByHand],
            workflow_runner=UnsandboxedWorkflowRunner(),
        )
        await stack.enter_async_context(worker)
        # Connections are given up before the service does so, after five seconds.
        limits = httpx2.Limits(max_connections=max(IN_FLIGHT), keepalive_expiry=2)
        http = await stack.enter_async_context(
            httpx2.AsyncClient(base_url=url + PREFIX, limits=limits, trust_env=False, timeout=60)
        )
        publish = await stack.enter_async_context(_publish(broker.url))
        yield {
            PUBLISH: publish,
            EMPTY: _empty(client),
            LOCAL_STEP: await _step(url, http, client, LOCAL_STEP),
            ASYNC_STEP: await _step(url, http, client, ASYNC_STEP),
        }


async def _step(url: str, http: httpx2.AsyncClient, client: Client, name: str) -> RunOne:
    """Store a rule with one action, and return what sends it an event and waits for the end."""
    action_type, config = _STEPS[name]
    action = ActionNode(ActionId(str(uuid4())), "step", action_type, config)
    graph = GraphDefinition([action], [ActionEdge(action.id, "start")])
    entity = name.replace(" ", "-")
    api = TriggerApi(url)
    rule = await api.create_rule(
        {"name": name, "trigger_entity": entity, "trigger_event": "on_create"}
    )
    await api.put_graph(rule, exact_json.decode(exact_json.encode(graph)))
    await api.activate_rule(rule)
    event = {"entity_name": entity, "entity_id": "1", "event_type": "on_create"}

    async def run_one() -> None:
        answer = (await http.post("/events", json=event)).raise_for_status()
        (execution,) = answer.json()["executions"]
        workflow_id = derive_workflow_id(RuleId(rule), "1", execution["execution_id"])
        handle = client.get_workflow_handle(workflow_id, result_type=WorkflowOutput)
        while True:
            try:
                output = await handle.result()
                break
            except RPCError as error:
                # The event is accepted before its workflow starts.
                if error.status is not RPCStatusCode.NOT_FOUND:
                    raise
                await asyncio.sleep(_NOT_STARTED_SECONDS)
        if output.status != "completed":
            raise RuntimeError(f"the benchmark's {name} ended as {output.status}")

    return run_one


def _empty(client: Client) -> RunOne:
    plan = Plan(0, "local", "")

    async def run_one() -> None:
        await client.execute_workflow(
            EmptyByHand.__name__, plan, id=str(uuid4()), task_queue=_TASK_QUEUE
        )

    return run_one


@asynccontextmanager
async def _publish(url: str) -> AsyncGenerator[RunOne]:
    """Give what publishes a persistent message of a request's size to a quorum queue."""
    async with open_channel(url, "benchmark-publish") as channel:
        # Nobody takes the messages: the oldest are dropped.
        arguments: dict[str, FieldValue] = {"x-queue-type": "quorum", "x-max-length": 1_000}
        queue = await channel.declare_queue("benchmark", durable=True, arguments=arguments)
        body = b"x" * 1_500

        async def run_one() -> None:
            message = Message(body, delivery_mode=DeliveryMode.PERSISTENT)
            await channel.default_exchange.publish(message, queue.name, mandatory=True)

        yield run_one
