"""Orders for which another system reserves stock and which a person releases, in an installation.

They come in lots. A part of each lot asks for an article that is locked for a while: it is in the
other system's hands and cannot be answered.
"""

import asyncio
import base64
import json
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import asyncpg
import httpx2

from ichor_core.graph import ActionNode, GraphDefinition
from ichor_core.limits import Limits
from ichor_devstack.rabbitmq_server import RabbitmqServer
from ichor_runtime.amqp import Topology, declare_topology, open_channel
from tests.end_to_end.kit.command import POLL_SECONDS, Command
from tests.end_to_end.kit.installation import Installation, create, edge

EXECUTIONS = 200
LOT = EXECUTIONS // 4
HELD = 6
"""Of each lot, so many requests cannot be answered; fewer than the other system has connections."""
KEPT = 10
"""So many approvals are left undecided until the last process has been killed."""
TYPE = "allocate_inventory"
TOPOLOGY = Topology()
TAP = "every-request"
STOCK = 1_000
WAITING_FOR_STOCK = """
    SELECT count(*) FROM pg_stat_activity
    WHERE wait_event_type = 'Lock' AND query LIKE '%FROM inventory.stock%'"""


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait for what will be; the test's time limit ends a wait in vain."""
    while not await condition():
        await asyncio.sleep(POLL_SECONDS)


def order_graph() -> GraphDefinition:
    """Return: reserve stock, ask somebody, and if that is approved, write a row."""
    # A request that a killed worker did not send is sent by the next attempt.
    limits = Limits(start_to_close=20, max_attempts=50, initial_interval=0.2, max_interval=2)
    config = {"order_id": "{{entity_id}}", "items": [{"sku": "{{sku}}", "quantity": 1}]}
    reserve = ActionNode(str(uuid4()), "reserve", TYPE, config, limits)
    asked = {"title": "Ship order {{entity_id}}?"}
    release = ActionNode(str(uuid4()), "release", "approval_request", asked)
    ship = create("ship", "order {{entity_id}}: {{reserve.reservation_id}}")
    edges = [edge(None, reserve), edge(reserve, release), edge(release, ship, "true_branch")]
    return GraphDefinition([reserve, release, ship], edges)


class Orders:
    """The installation with RabbitMQ, a completer and the other system, and what they have done."""

    def __init__(
        self,
        ichor: Installation,
        broker: RabbitmqServer,
        http: httpx2.AsyncClient,
        connection: asyncpg.Connection,
        folder: Path,
    ) -> None:
        self.ichor = ichor
        self.broker = broker
        self.http = http
        self.posted: list[str] = []
        """Execution ids, by number of the order."""
        self.all_may_be_decided = False
        self._connection = connection
        self._entity = ""
        self.amqp = {
            "AMQP_URL": broker.url,
            "REPLY_TOKEN_KEYS": base64.b64encode(b"k" * 32).decode(),
        }
        self.completer = Command(
            ["ichor-async-completer", "serve"],
            {
                "DATABASE_URL": ichor.dsn,
                "TEMPORAL_ADDRESS": ichor.temporal.address,
                **self.amqp,
            },
            folder / "completer.log",
        )
        self.inventory = Command(
            ["python", "-m", "examples.inventory_service"],
            {
                "AMQP_URL": broker.url,
                "INVENTORY_DATABASE_URL": ichor.dsn,
                "INVENTORY_STOCK": json.dumps({"free": STOCK, "held": STOCK}),
                "INVENTORY_THINK_SECONDS": "0.1",
            },
            folder / "inventory.log",
        )

    async def begin(self) -> None:
        """Start every process, and copy every request into a queue for the test."""
        await self.inventory.start()
        await self.completer.start()
        await self.ichor.worker.start(**self.amqp)
        await self.ichor.api.start()
        for service in (self.ichor.worker, self.ichor.api, self.completer):
            await service.ready()
        async with open_channel(self.broker.url, "test") as channel:
            await declare_topology(channel, TOPOLOGY)
            arguments = TOPOLOGY.queue_arguments
            tap = await channel.declare_queue(TAP, durable=True, arguments=arguments)
            await tap.bind(TOPOLOGY.actions, "#")
        names = (TOPOLOGY.request_queue(TYPE), TOPOLOGY.replies, TOPOLOGY.dead_letters, TAP)

        async def durable() -> bool:
            return all(map(self.broker.keeps_queue, names))

        await until(durable)
        self._entity = await self.ichor.store_rule(order_graph())

    async def end(self) -> None:
        """Kill what the installation does not know of."""
        for service in (self.inventory, self.completer):
            if service.is_running:
                await service.end(signal.SIGKILL)

    async def post_lot(self) -> None:
        """Send the events of a lot, all at once."""

        async def post(number: int) -> str:
            event = {
                "entity_name": self._entity,
                "entity_id": str(number),
                "event_type": "on_create",
                "data": {"sku": "held" if number % LOT < HELD else "free"},
            }
            answer = await self.http.post("/events", json=event)
            assert answer.status_code == 202, answer.text
            return answer.json()["executions"][0]["execution_id"]

        first = len(self.posted)
        self.posted += await asyncio.gather(*map(post, range(first, first + LOT)))

    @asynccontextmanager
    async def a_lot_in_flight(self) -> AsyncIterator[None]:
        """Give the moment in which some executions have ended, and others wait for an answer.

        Those of the lot that ask for the locked article wait until the context ends.
        """
        ended = await self.ended()
        lock = await asyncpg.connect(self.ichor.dsn)
        try:
            async with lock.transaction():
                await lock.execute("SELECT FROM inventory.stock WHERE sku = 'held' FOR UPDATE")
                await self.post_lot()

                async def in_the_middle() -> bool:
                    return (
                        await self.count(WAITING_FOR_STOCK) >= HELD
                        and await self.ended() >= ended + KEPT
                    )

                await until(in_the_middle)
                yield
                # What has been killed by now did not wait for this.
                assert ended < await self.ended() <= len(self.posted) - HELD - KEPT
                assert await self.reserved() <= len(self.posted) - HELD
                pending = "SELECT count(*) FROM workflow.approvals WHERE status = 'pending'"
                assert await self.count(pending) >= KEPT
        finally:
            await lock.close()

    async def decide(self) -> None:
        """Approve what people are asked, as it comes, until every order has been decided."""
        async with asyncio.TaskGroup() as people:
            seen: set[str] = set()
            while len(seen) < EXECUTIONS:
                answer = await self.http.get("/approvals", params={"limit": 100})
                assert answer.status_code == 200, answer.text
                new = [item["id"] for item in answer.json()["items"] if item["id"] not in seen]
                left = 0 if self.all_may_be_decided else KEPT
                for approval_id in new[: max(0, len(new) - left)]:
                    seen.add(approval_id)
                    people.create_task(self._decide(approval_id))
                await asyncio.sleep(POLL_SECONDS)

    async def _decide(self, approval_id: str) -> None:
        decision = {"user": "mia", "vote": "approved"}
        path = f"/approvals/{approval_id}/decision"
        again = False
        while True:
            answer = await self.http.post(path, json=decision)
            if answer.status_code != 503:
                break
            again = True
            await asyncio.sleep(float(answer.headers["Retry-After"]))
        # Of a decision that was sent again, the first one may have been taken.
        taken = answer.status_code == 409 and again
        assert taken or answer.status_code == 200, answer.text

    async def count(self, query: str) -> int:
        """Return the number that a query gives."""
        return await self._connection.fetchval(query)

    async def all_reserved(self) -> bool:
        """Say whether no request is left to the other system."""
        return await self.reserved() == len(self.posted)

    async def reserved(self) -> int:
        """Return how many requests have had their effect."""
        return await self.count("SELECT count(*) FROM inventory.reservations")

    async def ended(self) -> int:
        """Return how many executions have had their last effect."""
        return await self.count("SELECT count(*) FROM public.steps")
