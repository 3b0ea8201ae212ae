"""An installation in which a known number of things has happened, and what it shows of them."""

import asyncio
import base64
import signal
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from uuid import uuid4

import httpx2
from aio_pika import DeliveryMode, Message
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from temporalio.client import Client

from ichor_core import exact_json
from ichor_core.contract import TASK_QUEUE, ActionReply, ActionRequest, ReplyError
from ichor_core.graph import ActionNode
from ichor_core.limits import Limits
from ichor_devstack.ports import LOOPBACK, free_port
from ichor_devstack.rabbitmq import rabbitmq
from ichor_devstack.temporal import temporal
from ichor_runtime.amqp import Topology, declare_request_queue, declare_topology, open_channel
from tests.end_to_end.kit.command import POLL_SECONDS, Command
from tests.end_to_end.kit.gated_target import gated_target
from tests.end_to_end.kit.installation import Installation, chain, create
from tests.observability.kit.exposed import Exposed, scrape, text_of

TOPOLOGY = Topology()
ASYNC_TYPE = "allocate_inventory"


class Measured:
    """The services, what each showed once all was counted, and all names that they ever show."""

    def __init__(self, ichor: Installation, amqp: dict[str, str], folder: Path) -> None:
        self.ichor = ichor
        self.amqp = amqp
        self.worker = ichor.worker
        self.api = ichor.api
        settings = {"DATABASE_URL": ichor.dsn, "TEMPORAL_ADDRESS": ichor.temporal.address}
        self.completer = Command(
            ["ichor-async-completer", "serve"], settings | amqp, folder / "completer.log"
        )
        nowhere = {"TEMPORAL_ADDRESS": f"{LOOPBACK}:{free_port()}"}
        self.blind_relay = Command(
            ["ichor-trigger-api", "relay"], settings | nowhere, folder / "relay.log"
        )
        self.of_api = self.of_worker = self.of_completer = Exposed()
        self.all = Exposed()
        self._reply = b""
        """The last one."""

    async def run(self) -> None:
        """Let everything happen once, and look at it."""
        await self.api.start()
        await self.worker.start(**self.amqp)
        await self.worker.ready()
        await self.api.ready()
        async with open_channel(self.amqp["AMQP_URL"], "test") as channel:
            await declare_topology(channel, TOPOLOGY)
            queue = await declare_request_queue(channel, TOPOLOGY, ASYNC_TYPE)
            await self._poison(channel)
            await self.completer.start()
            await self.completer.ready()
            await queue.consume(partial(self._answer, channel))
            await self._executions()
            await self._settled()
        await self._failing_relay()

    async def end(self) -> None:
        """Kill what the installation does not know of."""
        for service in (self.completer, self.blind_relay):
            if service.is_running:
                await service.end(signal.SIGKILL)

    async def repeat_reply(self) -> None:
        """Send the last reply once more."""
        async with open_channel(self.amqp["AMQP_URL"], "test") as channel:
            await channel.default_exchange.publish(_message(self._reply), TOPOLOGY.replies)

    async def _answer(self, channel: AbstractChannel, message: AbstractIncomingMessage) -> None:
        """Answer a request as its order says."""
        request = exact_json.decode(message.body, ActionRequest)
        order = request.payload["order_id"]
        self._reply = exact_json.encode(_reply_to(request, order))
        for _ in range(2 if order == "twice" else 1):
            await channel.default_exchange.publish(_message(self._reply), TOPOLOGY.replies)
        await message.ack()

    async def _poison(self, channel: AbstractChannel) -> None:
        """Leave a reply in the queue that cannot be used, and was delivered before."""
        await channel.default_exchange.publish(_message(b"no reply"), TOPOLOGY.replies)
        async with open_channel(self.amqp["AMQP_URL"], "test") as other:
            await (await other.get_queue(TOPOLOGY.replies)).get()

    async def _executions(self) -> None:
        ichor = self.ichor
        await ichor.end_of(await ichor.begin(chain(create("one", "1"), create("two", "2"))))
        await ichor.end_of(await ichor.begin(chain(_refused())))
        for order in ("good", "bad", "twice"):
            await ichor.end_of(await ichor.begin(chain(_reserve(order))))
        asked = {"title": "Ship it?"}
        approval = ActionNode(str(uuid4()), "release", "approval_request", asked)
        await ichor.begin(chain(approval))
        await ichor.sql_says("SELECT count(*) = 1 FROM workflow.approvals")
        assert (await ichor.ask("GET", "/nothing")).status_code == 404

    async def _settled(self) -> None:
        """Wait until what is looked up now and then has been."""
        self.of_api = await until(
            self.api, lambda seen: seen.by("ichor_approval_open").get(()) == 1
        )
        dead = ("ichor.dead-letters",)
        self.of_completer = await until(
            self.completer,
            lambda seen: (
                seen.by("ichor_queue_messages", "messaging_destination_name").get(dead) == 1
                and seen.by("messaging_process_duration_seconds_count").get(()) == 5
            ),
        )
        self.of_worker = await scrape(self.worker)
        await self._failing_workflow()
        for service in (self.api, self.worker, self.completer):
            self.all.add(await text_of(service))

    async def _failing_workflow(self) -> None:
        """Start a workflow that no worker knows, which is tried again and again."""
        client = await Client.connect(self.ichor.temporal.address)
        handle = await client.start_workflow("NoSuchWorkflow", id="unknown", task_queue=TASK_QUEUE)
        name = "temporal_workflow_task_execution_failed_total"
        await until(self.worker, lambda seen: bool(seen.samples(name)))
        await handle.terminate()

    async def _failing_relay(self) -> None:
        """Add what a relay shows that cannot reach Temporal."""
        await self.api.end(signal.SIGTERM)
        await self.api.start(RELAY="false")
        await self.api.ready()
        await self.blind_relay.start()
        await self.ichor.begin(chain(create("more", "3")))
        name = "ichor_relay_start_duration_seconds_count"
        failed = ("failed", "UNAVAILABLE")
        await until(
            self.blind_relay,
            lambda seen: failed in seen.by(name, "ichor_outcome", "error_type"),
        )
        self.all.add(await text_of(self.blind_relay))


async def until(service: Command, condition: Callable[[Exposed], bool]) -> Exposed:
    """Scrape until a condition holds; the test's time limit ends a wait in vain."""
    while True:
        try:
            seen = await scrape(service)
        except httpx2.TransportError:  # it is starting
            pass
        else:
            if condition(seen):
                return seen
        await asyncio.sleep(POLL_SECONDS)


def _refused() -> ActionNode:
    """Return an action that fails twice, since nobody listens where it calls."""
    config = {"url": f"http://{LOOPBACK}:{free_port()}/", "body": {}}
    limits = Limits(max_attempts=2, initial_interval=0.1)
    return ActionNode(str(uuid4()), "call", "call_webhook", config, limits)


def _reserve(order: str) -> ActionNode:
    config = {"order_id": order, "items": [{"sku": "A-1", "quantity": 1}]}
    return ActionNode(str(uuid4()), "reserve", ASYNC_TYPE, config)


def _reply_to(request: ActionRequest, order: str) -> ActionReply:
    if order == "bad":
        error = ReplyError("no such order", "UnknownOrderError", retryable=False)
        return ActionReply(request.reply_token, success=False, error=error)
    result = {
        "status": "allocated",
        "allocations": [{"sku": "A-1", "requested": 1, "allocated": 1}],
        "reservation_id": "R-1",
    }
    return ActionReply(request.reply_token, success=True, result=result)


def _message(body: bytes) -> Message:
    return Message(body, delivery_mode=DeliveryMode.PERSISTENT)


@asynccontextmanager
async def measured(folder: Path) -> AsyncGenerator[Measured]:
    """Run it all in a folder, and keep it running while the context lasts."""
    async with AsyncExitStack() as stack:
        broker = await stack.enter_async_context(rabbitmq(folder / "rabbitmq"))
        target = await stack.enter_async_context(gated_target())
        engine = await stack.enter_async_context(temporal())
        ichor = Installation(folder, target, engine)
        await ichor.open()
        stack.push_async_callback(ichor.close)
        key = base64.b64encode(b"k" * 32).decode()
        run = Measured(ichor, {"AMQP_URL": broker.url, "REPLY_TOKEN_KEYS": key}, folder)
        stack.push_async_callback(run.end)
        await run.run()
        yield run
