"""API, relay, worker and completer as processes of their own, under a light load.

The load: another system reserves stock over RabbitMQ, a person releases it, a row is written.
"""

import asyncio
import base64
import json
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import asyncpg
import httpx2

from ichor_devstack.rabbitmq import RabbitmqServer
from tests.end_to_end.kit.command import POLL_SECONDS, Command
from tests.end_to_end.kit.installation import Document, Installation
from tests.end_to_end.kit.orders import TOPOLOGY, TYPE, order_graph, until

KEPT = 3
"""So many approvals are left undecided until all may be decided."""
STOCK = 1_000


class Part(NamedTuple):
    """A process or a server that a test may kill."""

    kill: Callable[[], Awaitable[Any]]
    """As a crash does (SIGKILL)."""
    start: Callable[[], Awaitable[Any]]


class SeparateProcesses:
    """The processes, the servers, and what clients and people have done.

    Args:
        ichor: an installation of which nothing but the servers runs.
        broker: a node of our own.
        elsewhere: the DSN of the other system's database, on a server that stays up.
    """

    def __init__(self, ichor: Installation, broker: RabbitmqServer, elsewhere: str) -> None:
        self.ichor = ichor
        self.broker = broker
        self.posted: list[str] = []
        """Execution ids of the events that were accepted."""
        self.all_may_be_decided = False
        self._elsewhere = elsewhere
        self._entity = ""
        self._sent = 0
        amqp = {
            "AMQP_URL": broker.url,
            "REPLY_TOKEN_KEYS": base64.b64encode(b"k" * 32).decode(),
        }

        def command(name: str, arguments: list[str], **settings: str) -> Command:
            return Command(arguments, {**ichor.settings, **settings}, ichor.folder / f"{name}.log")

        ichor.api = command("api", ["ichor-trigger-api", "serve"], RELAY="false")
        ichor.worker = command("worker", ["ichor-worker", "serve"], **amqp)
        self.processes = {
            "trigger-api": ichor.api,
            "relay": command("relay", ["ichor-trigger-api", "relay"]),
            "worker": ichor.worker,
            "async-completer": command("completer", ["ichor-async-completer", "serve"], **amqp),
        }
        self._inventory = command(
            "inventory",
            ["python", "-m", "examples.inventory_service"],
            AMQP_URL=broker.url,
            INVENTORY_DATABASE_URL=elsewhere,
            INVENTORY_STOCK=json.dumps({"free": STOCK}),
            INVENTORY_THINK_SECONDS="0.1",
        )

    @property
    def parts(self) -> dict[str, Part]:
        """Everything that may be killed, by name."""
        servers = {
            "postgresql": Part(self._kill_postgres, self.ichor.start_postgres),
            "temporal": Part(self.ichor.temporal.kill, self.ichor.temporal.start),
            "rabbitmq": Part(self.broker.kill, self.broker.start),
        }
        return {name: _part(process) for name, process in self.processes.items()} | servers

    async def begin(self) -> None:
        """Start every process."""
        for process in (self._inventory, *self.processes.values()):
            await process.start()
        for process in self.processes.values():
            await process.ready()
        names = (TOPOLOGY.request_queue(TYPE), TOPOLOGY.replies, TOPOLOGY.dead_letters)

        async def durable() -> bool:
            return all(map(self.broker.keeps_queue, names))

        await until(durable)
        self._entity = await self.ichor.store_rule(order_graph())

    async def end(self) -> None:
        """Kill every process."""
        for process in (self._inventory, *self.processes.values()):
            if process.is_running:
                await process.end(signal.SIGKILL)

    async def post(self) -> None:
        """Send an event, again and again until it is accepted, as a careful client does."""
        self._sent += 1
        event = {
            "event_id": str(uuid4()),
            "entity_name": self._entity,
            "entity_id": str(self._sent),
            "event_type": "on_create",
            "data": {"sku": "free"},
        }
        while (answer := await self._asked("POST", "/events", event)) is None:
            await asyncio.sleep(POLL_SECONDS)
        assert answer.status_code == 202, answer.text
        self.posted.append(answer.json()["executions"][0]["execution_id"])

    async def post_some(self, number: int) -> None:
        """Send so many events at once."""
        await asyncio.gather(*(self.post() for _ in range(number)))

    @asynccontextmanager
    async def deciding(self) -> AsyncIterator[None]:
        """Have people decide what they are asked while the context lasts, the last few excepted."""
        people = asyncio.create_task(self._decide())
        try:
            yield
        finally:
            people.cancel()
            (ended,) = await asyncio.gather(people, return_exceptions=True)
            if not isinstance(ended, asyncio.CancelledError):
                raise AssertionError("people could not decide") from ended

    async def _decide(self) -> None:
        while True:
            answer = await self._asked("GET", "/approvals?limit=100")
            if answer is not None:
                assert answer.status_code == 200, answer.text
                asked = [item["id"] for item in answer.json()["items"]]
                left = 0 if self.all_may_be_decided else KEPT
                for approval_id in asked[: max(0, len(asked) - left)]:
                    await self._approve(approval_id)
            await asyncio.sleep(POLL_SECONDS)

    async def _approve(self, approval_id: str) -> None:
        path, decision = f"/approvals/{approval_id}/decision", {"user": "mia", "vote": "approved"}
        answer = await self._asked("POST", path, decision)
        # One that found nobody is sent again with the next look; one that was taken then conflicts.
        assert answer is None or answer.status_code in (200, 409), answer.text

    async def _asked(
        self, method: str, path: str, body: Document | None = None
    ) -> httpx2.Response | None:
        """Ask the API; None where it is away or says that something it needs is."""
        try:
            answer = await self.ichor.ask(method, path, body)
        except httpx2.TransportError:
            return None
        return None if answer.status_code == 503 else answer

    async def undecided(self) -> bool:
        """Say whether executions wait for people."""
        pending = "SELECT count(*) FROM workflow.approvals WHERE status = 'pending'"
        return (await self.ichor.sql(pending))[0] >= KEPT

    async def elsewhere(self, query: str) -> list[Any]:
        """Ask the other system's database; returns the first column."""
        connection = await asyncpg.connect(self._elsewhere)
        try:
            return [row[0] for row in await connection.fetch(query)]
        finally:
            await connection.close()

    async def _kill_postgres(self) -> None:
        server = self.ichor.postgres
        assert server.process is not None
        assert server.folder is not None
        data = server.folder / "data"
        await server.process.kill()

        async def nobody_there() -> bool:
            return not _works_in(data)

        # Its children end by themselves, and no new one can start before they have.
        await until(nobody_there)
        await self.ichor.stop_postgres()


def _part(process: Command) -> Part:
    async def kill() -> None:
        await process.end(signal.SIGKILL)

    return Part(kill, process.start)


def _works_in(folder: Path) -> bool:
    """Say whether any process has a folder as its own."""
    for link in Path("/proc").glob("[0-9]*/cwd"):
        try:
            if os.readlink(link) == str(folder):
                return True
        except OSError:
            continue  # it ended, or is not ours to see
    return False
