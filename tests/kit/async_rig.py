"""Actions that another system finishes, on real servers: what the tests of them share."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any
from uuid import uuid4

from aio_pika import DeliveryMode, Message
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from msgspec import Struct
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from ichor_actions.attempt import ActionAttempt
from ichor_actions.definition.action import action
from ichor_actions.registry import Registry
from ichor_activities import (
    ActionActivities,
    AsyncActionActivities,
    AsyncCompleter,
    RecordingActivities,
    ReplyTokens,
)
from ichor_async_completer.replies.consumer import ConsumerOptions, ReplyConsumer
from ichor_async_completer.replies.result_schemas import ResultSchemas
from ichor_core import exact_json
from ichor_core.contract import (
    EXECUTE_GRAPH_WORKFLOW,
    TASK_QUEUE,
    ActionReply,
    ActionRequest,
    ActionState,
    ExecutionRecord,
    RunOptions,
    WorkflowInput,
    WorkflowOutput,
)
from ichor_core.graph import ActionEdge, ActionNode, GraphDefinition
from ichor_core.ids import ActionId, ExecutionId, RuleId
from ichor_core.limits import Limits
from ichor_edgestore.memory import MemoryActionTypeStore, MemoryState, MemoryValueStore
from ichor_runtime.amqp import (
    AmqpRequestPublisher,
    Topology,
    declare_request_queue,
    declare_topology,
)
from ichor_runtime.temporal import check_temporal
from ichor_workflows import WORKFLOWS
from ichor_workflows.versions import INTERPRETERS

ASK = ActionId("00000000-0000-0000-0000-000000000001")
AFTER = ActionId("00000000-0000-0000-0000-000000000002")
KEY = b"k" * 32
MAX_WAITING = 500


class AskConfig(Struct):
    question: Any = None


class AskRequest(Struct):
    question: Any


class AskReply(Struct):
    answer: Any


class KeepConfig(Struct):
    value: Any = None


@action(type="ask", title="Ask", kind="async", reply=AskReply)
async def ask(config: AskConfig, attempt: ActionAttempt) -> AskRequest:
    """Ask the other system."""
    return AskRequest(config.question)


@action(type="keep", title="Keep", kind="local")
async def keep(config: KeepConfig, attempt: ActionAttempt) -> dict[str, Any]:
    """Return what the config says."""
    return {"kept": config.value}


def asking(**limits: Any) -> GraphDefinition:
    """Return a graph that asks another system, and then keeps the answer."""
    own = Limits(**({"initial_interval": 0.05} | limits))
    return GraphDefinition(
        [
            ActionNode(ASK, "asked", "ask", {"question": "{{n}}"}, limits=own),
            ActionNode(AFTER, "after", "keep", {"value": "{{asked.answer}}"}),
        ],
        [ActionEdge(ASK, "start"), ActionEdge(AFTER, "sequence", ASK)],
    )


class AsyncRig:
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
        self.taken: list[ActionRequest] = []
        """The requests among `delivered`."""

    @asynccontextmanager
    async def worker(self, publisher: AmqpRequestPublisher | None = None) -> AsyncIterator[None]:
        """Run workflows and actions; requests are published by `publisher`, or as always."""
        await self.types.publish_action_types(self.registry.types())
        publisher = publisher or AmqpRequestPublisher(self.amqp_url, self.topology)
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
            yield
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

    async def all_kept(self, handles: Sequence[WorkflowHandle[Any, WorkflowOutput]]) -> list[Any]:
        """Return what `kept` says of each, in their order."""
        # A namespace lets so many wait for histories at a time, and no more.
        few = asyncio.Semaphore(MAX_WAITING)

        async def one(handle: WorkflowHandle[Any, WorkflowOutput]) -> Any:
            async with few:
                return await self.kept(handle)

        return await asyncio.gather(*map(one, handles))

    @asynccontextmanager
    async def completer(self, **options: Any) -> AsyncIterator[ReplyConsumer]:
        """Report replies to Temporal; `options` as in `ConsumerOptions`."""
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
            self.taken.append(exact_json.decode(message.body, ActionRequest))
            self.requests.put_nowait(self.taken[-1])

        await queue.consume(take)

    async def start(
        self,
        graph: GraphDefinition,
        trigger_data: dict[str, Any] | None = None,
        options: RunOptions | None = None,
    ) -> WorkflowHandle[Any, WorkflowOutput]:
        """Start the workflow of a graph."""
        execution_id = ExecutionId(str(uuid4()))
        return await self.client.start_workflow(
            EXECUTE_GRAPH_WORKFLOW,
            WorkflowInput(
                rule_id=RuleId(str(uuid4())),
                execution_id=execution_id,
                graph=graph,
                trigger_data=trigger_data or {},
                interpreter_version=max(INTERPRETERS),
                policies={kind.type: kind.policy for kind in self.registry.types()},
                options=options or RunOptions(),
            ),
            id=f"test-{execution_id}",
            task_queue=TASK_QUEUE,
            result_type=WorkflowOutput,
        )

    async def ask(self, n: Any = 1, **limits: Any) -> WorkflowHandle[Any, WorkflowOutput]:
        """Start an execution that asks the other system what `n` is."""
        return await self.start(asking(**limits), {"n": n})


async def send(channel: AbstractChannel, topology: Topology, body: bytes | ActionReply) -> None:
    """Publish a reply, as another system would."""
    data = body if isinstance(body, bytes) else exact_json.encode(body)
    message = Message(data, delivery_mode=DeliveryMode.PERSISTENT, message_id=str(uuid4()))
    exchange = await channel.get_exchange(topology.replies, ensure=False)
    await exchange.publish(message, "", mandatory=True)


async def dead_letters(channel: AbstractChannel, topology: Topology) -> int:
    """Return how many replies could not be used."""
    queue = await channel.declare_queue(topology.dead_letters, passive=True)
    return queue.declaration_result.message_count or 0


async def waiting(channel: AbstractChannel, topology: Topology) -> int:
    """Return how many replies nobody has taken."""
    queue = await channel.declare_queue(topology.replies, passive=True)
    return queue.declaration_result.message_count or 0


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait for what will be; the test's time limit ends a wait in vain."""
    while not await condition():
        await asyncio.sleep(0.05)
