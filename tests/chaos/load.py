"""Clients that send events, and people who decide, all of whom try again until they are heard."""

import asyncio
import contextlib
from collections.abc import Iterable
from typing import Any
from uuid import UUID, uuid5

import asyncpg
import httpx2

from tests.chaos.evidence import Decided, SentEvent
from tests.chaos.shapes import Shape, data_of, vote_of
from tests.chaos.system import System

CLIENTS = 8
PEOPLE = 8
WINDOW = 40
"""Executions in flight at a time, those not counted that are older than this:"""
SLOW_SECONDS = 20.0
ASK_SECONDS = 15.0
_RETRY_SECONDS = 0.2
_LOOK_SECONDS = 0.2
_AGAIN = frozenset({500, 502, 503, 504})
_AWAY = (
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    # A server that was killed can leave the driver in the middle of a message.
    asyncpg.InternalClientError,
)
_NAMESPACE = UUID("6f0c5ad0-51bb-4a4f-8a0e-2f6f0f6f9a11")
_ENDED = """
    SELECT id::text FROM workflow.executions
    WHERE id = ANY($1::uuid[]) AND finished_at IS NOT NULL"""


def make_events(seed: int, executions: int, shapes: Iterable[Shape]) -> list[SentEvent]:
    """Return events that set off at least so many executions, each entity in its turn."""
    by_entity: dict[str, int] = {}
    for shape in shapes:
        by_entity[shape.entity] = by_entity.get(shape.entity, 0) + 1
    events: list[SentEvent] = []
    expected = 0
    while expected < executions:
        number = len(events)
        entity = list(by_entity)[number % len(by_entity)]
        events.append(SentEvent(str(uuid5(_NAMESPACE, f"{seed}/{number}")), entity, number))
        expected += by_entity[entity]
    return events


class Load:
    """What clients and people do, and what they were told.

    Args:
        system: whose API they use.
        events: that are sent, in this order.
    """

    def __init__(self, system: System, events: list[SentEvent]) -> None:
        self._system = system
        self._events = events
        self._next = iter(events)
        self.sent: list[SentEvent] = []
        """Accepted events."""
        self.refused: list[str] = []
        self.decided: list[Decided] = []
        self.accepted = 0
        """Executions that were accepted."""
        self.in_flight: dict[str, float] = {}
        """When each was accepted, of those that are not known to have ended."""
        self.retries = 0
        self._tries: dict[str, int] = {}
        self._settled: set[str] = set()
        self._changed = asyncio.Condition()
        self._http = httpx2.AsyncClient(trust_env=False, timeout=ASK_SECONDS, verify=False)

    @property
    def ended(self) -> int:
        """How many executions are known to have ended."""
        return self.accepted - len(self.in_flight)

    @property
    def unsent(self) -> int:
        """How many events have not been accepted."""
        return len(self._events) - len(self.sent)

    async def close(self) -> None:
        """Close its connections."""
        await self._http.aclose()

    async def reached(self, accepted: int) -> None:
        """Wait until so many executions were accepted, or all events were."""
        async with self._changed:
            await self._changed.wait_for(lambda: self.accepted >= accepted or not self.unsent)

    async def send_all(self) -> None:
        """Send every event until it is accepted, few at a time."""
        async with asyncio.TaskGroup() as clients:
            for _ in range(CLIENTS):
                clients.create_task(self._send_events())

    async def watch(self) -> None:
        """Note which executions have ended, until cancelled; the database may be away."""
        connection: asyncpg.Connection | None = None
        try:
            while True:
                try:
                    if connection is None:
                        connection = await asyncpg.connect(self._system.dsn, timeout=3)
                    await self._look(connection)
                except _AWAY:
                    if connection is not None:
                        connection.terminate()
                    connection = None
                await asyncio.sleep(_LOOK_SECONDS)
        finally:
            if connection is not None:
                connection.terminate()

    async def decide(self) -> None:
        """Decide what people are asked, until cancelled."""
        while True:
            asked = await self._pending_approvals()
            gate = asyncio.Semaphore(PEOPLE)
            await asyncio.gather(*(self._decide(gate, one) for one in asked))
            await asyncio.sleep(_LOOK_SECONDS)

    async def ask(self, method: str, path: str, body: Any = None) -> httpx2.Response | None:
        """Ask the API; None where it is away, or says that something it needs is."""
        try:
            answer = await self._http.request(method, f"{self._system.api}{path}", json=body)
        except httpx2.TransportError:
            return None
        if answer.status_code not in _AGAIN:
            return answer
        if answer.status_code == 500:
            self.refused.append(f"{method} {path}: 500 {answer.text[:200]}")
        return None

    async def _send_events(self) -> None:
        for event in self._next:
            await self._room()
            await self._send(event)

    async def _room(self) -> None:
        """Wait until there is room in the window."""
        loop = asyncio.get_running_loop()
        while True:
            now = loop.time()
            young = sum(now - since < SLOW_SECONDS for since in self.in_flight.values())
            if young < WINDOW:
                return
            async with self._changed:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(1):
                        await self._changed.wait()

    async def _send(self, event: SentEvent) -> None:
        body = {
            "event_id": event.event_id,
            "entity_name": event.entity,
            "entity_id": str(event.number),
            "event_type": "on_create",
            "data": data_of(event.number),
        }
        while (answer := await self.ask("POST", "/events", body)) is None:
            self.retries += 1
            await asyncio.sleep(_RETRY_SECONDS)
        if answer.status_code != 202:
            self.refused.append(f"event {event.event_id}: {answer.status_code} {answer.text[:200]}")
            ids: tuple[str, ...] = ()
        else:
            ids = tuple(one["execution_id"] for one in answer.json()["executions"])
        async with self._changed:
            self.sent.append(SentEvent(event.event_id, event.entity, event.number, ids))
            self.accepted += len(ids)
            now = asyncio.get_running_loop().time()
            self.in_flight.update(dict.fromkeys(ids, now))
            self._changed.notify_all()

    async def _look(self, connection: asyncpg.Connection) -> None:
        rows = await connection.fetch(_ENDED, list(self.in_flight), timeout=3)
        if rows:
            async with self._changed:
                for (execution_id,) in rows:
                    self.in_flight.pop(execution_id, None)
                self._changed.notify_all()

    async def _pending_approvals(self) -> list[dict[str, Any]]:
        """Return every approval that is pending and that nobody was told is decided."""
        found: list[dict[str, Any]] = []
        path = "/approvals?limit=100"
        while (answer := await self.ask("GET", path)) is not None:
            if answer.status_code != 200:
                self.refused.append(f"GET {path}: {answer.status_code} {answer.text[:200]}")
                break
            page = answer.json()
            found += [item for item in page["items"] if item["id"] not in self._settled]
            if not page.get("next_cursor"):
                break
            path = f"/approvals?limit=100&cursor={page['next_cursor']}"
        return found

    async def _decide(self, gate: asyncio.Semaphore, asked: dict[str, Any]) -> None:
        number = int(asked["title"].split("/")[1])
        async with gate:
            if await self._vote(asked["id"], number, "mia", vote_of(number)):
                self._settled.add(asked["id"])
                if number % 3 == 0:  # somebody else wants the opposite, too late
                    other = "approved" if vote_of(number) == "rejected" else "rejected"
                    await self._vote(asked["id"], number, "ben", other)

    async def _vote(self, approval_id: str, number: int, user: str, vote: str) -> bool:
        """Send a decision once; says whether the matter is settled, or to be looked at again."""
        key = f"{approval_id}/{user}"
        self._tries[key] = self._tries.get(key, 0) + 1
        path, body = f"/approvals/{approval_id}/decision", {"user": user, "vote": vote}
        answer = await self.ask("POST", path, body)
        if answer is None:
            self.retries += 1
            return False
        self.decided.append(
            Decided(approval_id, number, user, vote, answer.status_code, self._tries[key])
        )
        return True
