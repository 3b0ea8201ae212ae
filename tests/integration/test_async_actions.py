"""Actions that another system finishes: requests, replies, and what can go wrong with them."""

import asyncio
import base64
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aio_pika import DeliveryMode, Message
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from msgspec import Struct
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from ichor_actions.action import action
from ichor_actions.registry import Registry
from ichor_actions.run import ActionRun
from ichor_activities import (
    ActionActivities,
    AsyncActionActivities,
    AsyncCompleter,
    RecordingActivities,
    ReplyTokens,
)
from ichor_async_completer.consumer import ConsumerOptions, ReplyConsumer
from ichor_async_completer.result_schemas import ResultSchemas
from ichor_core import exact_json
from ichor_core.contract import (
    EXECUTE_GRAPH_WORKFLOW,
    TASK_QUEUE,
    ActionState,
    ExecutionRecord,
    WorkflowInput,
    WorkflowOutput,
)
from ichor_core.graph import ActionEdge, ActionNode, GraphDefinition
from ichor_core.ids import ActionId, ExecutionId, RuleId
from ichor_core.large_values import MAX_VALUE_BYTES, is_reference, restore
from ichor_core.limits import Limits
from ichor_core.messages import MAX_REPLY_BYTES, ActionReply, ActionRequest, ReplyError
from ichor_devstack.rabbitmq import RabbitmqServer, rabbitmq
from ichor_devstack.temporal import temporal
from ichor_edgestore.memory import MemoryActionTypeStore, MemoryState, MemoryValueStore
from ichor_runtime.amqp import (
    Topology,
    declare_request_queue,
    declare_topology,
    delete_topology,
    open_channel,
)
from ichor_runtime.converter import data_converter
from ichor_runtime.errors import UnhealthyError
from ichor_runtime.request_publisher import AmqpRequestPublisher
from ichor_runtime.temporal import check_temporal
from ichor_workflows import WORKFLOWS

pytestmark = pytest.mark.servers

ASK = ActionId("00000000-0000-0000-0000-000000000001")
AFTER = ActionId("00000000-0000-0000-0000-000000000002")
KEY = b"k" * 32
TEMPORAL_AWAY_REPLIES = int(os.environ.get("ICHOR_SOAK_REPLIES", "100"))
TEMPORAL_AWAY_SECONDS = float(os.environ.get("ICHOR_SOAK_AWAY_SECONDS", "3"))
POISON = int(os.environ.get("ICHOR_SOAK_POISON", "20"))
GOOD = int(os.environ.get("ICHOR_SOAK_GOOD", "180"))


class AskConfig(Struct):
    question: Any = None


class AskRequest(Struct):
    question: Any


class AskReply(Struct):
    answer: Any


class KeepConfig(Struct):
    value: Any = None


@action(type="ask", title="Ask", kind="async", reply=AskReply)
async def ask(config: AskConfig, run: ActionRun) -> AskRequest:
    return AskRequest(config.question)


@action(type="keep", title="Keep", kind="local")
async def keep(config: KeepConfig, run: ActionRun) -> dict[str, Any]:
    return {"kept": config.value}


def graph(**limits: Any) -> GraphDefinition:
    own = Limits(**({"initial_interval": 0.05} | limits))
    return GraphDefinition(
        [
            ActionNode(ASK, "asked", "ask", {"question": "{{n}}"}, limits=own),
            ActionNode(AFTER, "after", "keep", {"value": "{{asked.answer}}"}),
        ],
        [ActionEdge(ASK, "start"), ActionEdge(AFTER, "sequence", ASK)],
    )


class Rig:
    """A worker, a completer and another system, each of which can be started and stopped."""

    def __init__(self, client: Client, amqp_url: str, topology: Topology) -> None:
        self.client = client
        self.amqp_url = amqp_url
        self.topology = topology
        self.state = MemoryState()
        self.values = MemoryValueStore(self.state)
        self.types = MemoryActionTypeStore(self.state)
        self.tokens = ReplyTokens([KEY])
        self.registry = Registry([ask, keep])
        self.reports: dict[str, dict[str, ActionState]] = {}
        self.requests: asyncio.Queue[ActionRequest] = asyncio.Queue()
        self.delivered: list[AbstractIncomingMessage] = []

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[AmqpRequestPublisher]:
        await self.types.publish_action_types(self.registry.types())
        publisher = AmqpRequestPublisher(self.amqp_url, self.topology)
        actions = ActionActivities(self.registry, self.values, self)
        asks = AsyncActionActivities(self.registry, self.values, publisher, self.tokens)
        records = RecordingActivities(self, self.values)
        worker = Worker(
            self.client,
            task_queue=TASK_QUEUE,
            workflows=WORKFLOWS,
            activities=[
                actions.execute_action,
                asks.execute_async_action,
                records.record_execution,
                records.offload_results,
            ],
            workflow_runner=UnsandboxedWorkflowRunner(),
        )
        async with worker:
            yield publisher
        await publisher.close()

    async def record(self, record: ExecutionRecord) -> None:
        """Keep what the workflow reports, by execution and action."""
        states = self.reports.setdefault(f"test-{record.execution_id}", {})
        states.update((state.action_id, state) for state in record.actions)

    async def end(self, handle: WorkflowHandle[Any, WorkflowOutput]) -> dict[str, ActionState]:
        """Wait for the end of an execution; return its actions by name."""
        with suppress(WorkflowFailureError):
            await handle.result()
        states = self.reports[handle.id]
        return {"asked": states[ASK], "after": states[AFTER]}

    async def kept(self, handle: WorkflowHandle[Any, WorkflowOutput]) -> Any:
        """Wait for the end; return what the second action got from the reply to the first."""
        result = (await self.end(handle))["after"].result
        return None if result is None else result["kept"]

    @asynccontextmanager
    async def completer(self, **options: Any) -> AsyncIterator[ReplyConsumer]:
        stop = asyncio.Event()
        consumer = ReplyConsumer(
            ConsumerOptions(url=self.amqp_url, topology=self.topology, **options),
            AsyncCompleter(self.client, self.values),
            self.tokens,
            ResultSchemas(self.types.get_action_types),
            lambda: check_temporal(self.client),
        )
        running = asyncio.create_task(consumer.run(stop))
        try:
            yield consumer
        finally:
            stop.set()
            await running

    async def listen(self, channel: AbstractChannel) -> None:
        """Be the other system: take requests, hand them to the test."""
        await declare_topology(channel, self.topology)
        queue = await declare_request_queue(channel, self.topology, "ask")

        async def take(message: AbstractIncomingMessage) -> None:
            self.delivered.append(message)
            await message.ack()
            self.requests.put_nowait(exact_json.decode(message.body, ActionRequest))

        await queue.consume(take)

    async def start(self, n: Any = 1, **limits: Any) -> WorkflowHandle[Any, WorkflowOutput]:
        execution_id = ExecutionId(str(uuid4()))
        return await self.client.start_workflow(
            EXECUTE_GRAPH_WORKFLOW,
            WorkflowInput(
                RuleId(str(uuid4())),
                execution_id,
                graph(**limits),
                {"n": n},
                policies={kind.type: kind.policy for kind in self.registry.types()},
            ),
            id=f"test-{execution_id}",
            task_queue=TASK_QUEUE,
            result_type=WorkflowOutput,
        )


async def send(channel: AbstractChannel, topology: Topology, body: bytes | ActionReply) -> None:
    """Publish a reply, as another system would."""
    data = body if isinstance(body, bytes) else exact_json.encode(body)
    message = Message(data, delivery_mode=DeliveryMode.PERSISTENT, message_id=str(uuid4()))
    exchange = await channel.get_exchange(topology.replies, ensure=False)
    await exchange.publish(message, "", mandatory=True)


async def dead_letters(channel: AbstractChannel, topology: Topology) -> int:
    queue = await channel.declare_queue(topology.dead_letters, passive=True)
    return queue.declaration_result.message_count or 0


async def waiting(channel: AbstractChannel, topology: Topology) -> int:
    queue = await channel.declare_queue(topology.replies, passive=True)
    return queue.declaration_result.message_count or 0


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait for what will be; the test's time limit ends a wait in vain."""
    while not await condition():
        await asyncio.sleep(0.05)


@pytest.fixture
async def rig(
    client: Client, rabbitmq_server: RabbitmqServer, amqp_prefix: str
) -> AsyncIterator[Rig]:
    rig = Rig(client, rabbitmq_server.url, Topology(amqp_prefix))
    yield rig
    async with open_channel(rabbitmq_server.url, "test") as channel:
        await delete_topology(channel, rig.topology, ("ask",))


@pytest.fixture
async def channel(rig: Rig) -> AsyncIterator[AbstractChannel]:
    async with open_channel(rig.amqp_url, "other-system") as channel:
        await rig.listen(channel)
        yield channel


async def test_many_executions_are_answered(rig: Rig, channel: AbstractChannel) -> None:
    async with rig.worker(), rig.completer():
        handles = [await rig.start(n) for n in range(50)]
        for _ in handles:
            request = await rig.requests.get()
            answer = {"answer": request.payload["question"]}
            await send(channel, rig.topology, ActionReply(request.reply_token, True, answer))
        kept = await asyncio.gather(*(rig.kept(handle) for handle in handles))
    assert kept == list(range(50))
    assert rig.requests.empty()


async def test_what_a_request_says(rig: Rig, channel: AbstractChannel) -> None:
    async with rig.worker(), rig.completer():
        handle = await rig.start("?")
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


async def test_without_a_queue_it_is_tried_again_and_then_fails(rig: Rig) -> None:
    async with rig.worker():
        handle = await rig.start(max_attempts=2)
        asked = (await rig.end(handle))["asked"]
    assert (asked.status, asked.attempts) == ("failed", 2)
    assert asked.error is not None
    assert asked.error.type == "TransientError"
    assert "no queue takes requests of type 'ask'" in asked.error.message


async def test_a_failure_is_tried_again_if_it_may_be(rig: Rig, channel: AbstractChannel) -> None:
    async with rig.worker(), rig.completer():
        handle = await rig.start()
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


async def test_a_large_value_is_kept_outside(rig: Rig, channel: AbstractChannel) -> None:
    text = "ü" * MAX_VALUE_BYTES
    async with rig.worker(), rig.completer():
        handle = await rig.start()
        request = await rig.requests.get()
        await send(channel, rig.topology, ActionReply(request.reply_token, True, {"answer": text}))
        after = (await rig.end(handle))["after"]
    assert after.result is not None
    assert is_reference(after.result["kept"])
    assert await restore(after.result, rig.values) == {"kept": text}


async def test_a_reply_before_the_activity_returned_counts(
    rig: Rig, channel: AbstractChannel
) -> None:
    class Eager(AmqpRequestPublisher):
        """Returns only once the reply has been taken."""

        async def publish(self, request: ActionRequest) -> None:
            reply = ActionReply(request.reply_token, True, {"answer": "early"})
            await send(channel, rig.topology, reply)

            async def taken() -> bool:
                return await waiting(channel, rig.topology) == 0

            await until(taken)
            await super().publish(request)

    async with AsyncExitStack() as stack:
        await stack.enter_async_context(rig.completer())
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(f"{__name__}.AmqpRequestPublisher", Eager)
            await stack.enter_async_context(rig.worker())
        assert await rig.kept(await rig.start()) == "early"


async def test_duplicates_and_late_replies_change_nothing(
    rig: Rig, channel: AbstractChannel
) -> None:
    async with rig.worker(), rig.completer():
        handle = await rig.start()
        request = await rig.requests.get()
        for answer in (1, 2, 3):
            reply = ActionReply(request.reply_token, True, {"answer": answer})
            await send(channel, rig.topology, reply)
        assert await rig.kept(handle) in (1, 2, 3)
        # Of an execution that is over.
        await send(channel, rig.topology, ActionReply(request.reply_token, True, {"answer": 4}))
        other = await rig.start()
        request = await rig.requests.get()
        await other.terminate()
        await send(channel, rig.topology, ActionReply(request.reply_token, True, {"answer": 5}))

    async def taken() -> bool:
        return await waiting(channel, rig.topology) == 0

    await until(taken)
    assert await dead_letters(channel, rig.topology) == 0


async def test_a_reply_to_the_first_attempt_comes_after_the_second_began(
    rig: Rig, channel: AbstractChannel
) -> None:
    async with rig.worker():
        handle = await rig.start(start_to_close=1)
        first = await rig.requests.get()
        second = await rig.requests.get()
        assert (first.request_id, second.attempt) == (second.request_id, 2)
        # Both replies are there before anything is consumed.
        for request, answer in ((first, "first"), (second, "second")):
            reply = ActionReply(request.reply_token, True, {"answer": answer})
            await send(channel, rig.topology, reply)
        async with rig.completer():
            assert await rig.kept(handle) == "second"
    assert await dead_letters(channel, rig.topology) == 0


async def test_an_oversized_reply_fails_the_action(rig: Rig, channel: AbstractChannel) -> None:
    async with rig.worker(), rig.completer():
        handle = await rig.start()
        request = await rig.requests.get()
        reply = ActionReply(request.reply_token, True, {"answer": "x" * MAX_REPLY_BYTES})
        await send(channel, rig.topology, reply)
        asked = (await rig.end(handle))["asked"]
    assert asked.attempts == 1
    assert asked.error is not None
    assert asked.error.type == "ReplyTooLargeError"
    assert await dead_letters(channel, rig.topology) == 0


async def test_poison_among_good_replies(rig: Rig, channel: AbstractChannel) -> None:
    """Exactly the poison becomes dead letters, whatever is between."""
    async with rig.worker():
        handles = [await rig.start(n) for n in range(GOOD)]
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
            kept = await asyncio.gather(*(rig.kept(handle) for handle in handles))

            async def dead() -> bool:
                return await dead_letters(channel, rig.topology) == POISON

            await until(dead)
    assert kept == ["good"] * GOOD
    assert await waiting(channel, rig.topology) == 0


async def test_temporal_away_while_replies_arrive(
    rabbitmq_server: RabbitmqServer, amqp_prefix: str, tmp_path: Path
) -> None:
    """All complete afterwards; none is lost, none is returned so often that it is given up."""
    topology = Topology(amqp_prefix)
    async with (
        temporal(tmp_path / "temporal.sqlite") as server,
        open_channel(rabbitmq_server.url, "other-system") as channel,
    ):
        client = await Client.connect(server.address, data_converter=data_converter)
        rig = Rig(client, rabbitmq_server.url, topology)
        await rig.listen(channel)
        async with rig.worker():
            handles = [await rig.start(n) for n in range(TEMPORAL_AWAY_REPLIES)]
            requests = [await rig.requests.get() for _ in handles]
            async with rig.completer() as consumer:
                await server.kill()
                replies = [ActionReply(one.reply_token, True, {"answer": 1}) for one in requests]
                await asyncio.gather(*(send(channel, topology, reply) for reply in replies))

                async def paused() -> bool:
                    try:
                        await consumer.check()
                    except UnhealthyError as error:
                        return "paused: Temporal" in str(error)
                    return False

                await until(paused)
                # Away for longer than one of the client's own retries.
                await asyncio.sleep(TEMPORAL_AWAY_SECONDS)
                assert await dead_letters(channel, topology) == 0
                await server.start()
                kept = await asyncio.gather(*(rig.kept(handle) for handle in handles))
                await consumer.check()
        assert kept == [1] * TEMPORAL_AWAY_REPLIES
        assert await waiting(channel, topology) == 0
        assert await dead_letters(channel, topology) == 0
        await delete_topology(channel, topology, ("ask",))


async def test_what_cannot_be_delivered_for_long_is_queued_anew(
    rabbitmq_server: RabbitmqServer, amqp_prefix: str, tmp_path: Path
) -> None:
    topology = Topology(amqp_prefix)
    async with (
        temporal(tmp_path / "temporal.sqlite") as server,
        open_channel(rabbitmq_server.url, "other-system") as channel,
    ):
        client = await Client.connect(server.address, data_converter=data_converter)
        rig = Rig(client, rabbitmq_server.url, topology)
        await rig.listen(channel)
        async with rig.worker():
            handle = await rig.start()
            request = await rig.requests.get()
            async with rig.completer(hold_seconds=0.2):
                await server.kill()
                reply = ActionReply(request.reply_token, True, {"answer": 1})
                await send(channel, topology, reply)

                async def queued() -> bool:
                    return await waiting(channel, topology) == 1

                await until(queued)
            queue = await channel.get_queue(topology.replies)
            message = await queue.get()
            assert message.headers["x-delivery-count"] == 0
            await message.reject(requeue=True)
            await server.start()
            async with rig.completer():
                assert await rig.kept(handle) == 1
        await delete_topology(channel, topology, ("ask",))


async def test_the_broker_crashes_in_the_middle(client: Client) -> None:
    """Requests and replies of which the broker said that it has them are there afterwards."""
    async with rabbitmq() as broker:
        rig = Rig(client, broker.url, Topology("crash"))
        async with rig.worker(), rig.completer():
            async with open_channel(broker.url, "other-system") as channel:
                await rig.listen(channel)
                handles = [await rig.start(n, max_attempts=20) for n in range(20)]
                requests = [await rig.requests.get() for _ in range(10)]
                for request in requests:
                    reply = ActionReply(request.reply_token, True, {"answer": "before"})
                    await send(channel, rig.topology, reply)
                names = (rig.topology.request_queue("ask"), rig.topology.replies)

                async def durable() -> bool:
                    return all(map(broker.keeps_queue, names))

                await until(durable)
                await broker.kill()
            late = [await rig.start(n, max_attempts=20) for n in range(5)]
            await broker.start()
            answered = {request.reply_token for request in requests}
            async with open_channel(broker.url, "other-system") as channel:
                await rig.listen(channel)
                ends = asyncio.gather(*(rig.kept(handle) for handle in handles + late))
                while not ends.done():
                    with suppress(TimeoutError):
                        async with asyncio.timeout(0.1):
                            request = await rig.requests.get()
                            if request.reply_token not in answered:
                                answered.add(request.reply_token)
                                reply = ActionReply(request.reply_token, True, {"answer": "after"})
                                await send(channel, rig.topology, reply)
                kept = await ends
                assert sorted(kept) == ["after"] * 15 + ["before"] * 10
                assert await dead_letters(channel, rig.topology) == 0
