"""A whole Ichor: servers, services and the other system that its webhooks call."""

import asyncio
import json
import shutil
import signal
from collections.abc import AsyncGenerator, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx2
import msgspec

from ichor_core.contract import TERMINAL_STATUSES
from ichor_core.graph import ActionEdge, ActionNode, EdgeType, GraphDefinition
from ichor_core.limits import Limits
from ichor_devstack.ports import LOOPBACK, free_port
from ichor_devstack.postgres import PostgresServer, postgres
from ichor_devstack.temporal import TemporalServer, temporal
from ichor_edgestore.migrations import migrate
from tests.end_to_end.kit.command import POLL_SECONDS, Command
from tests.end_to_end.kit.gated_target import GatedTarget, gated_target

_TABLES = """
    CREATE TABLE public.steps (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text);
    CREATE TABLE public.counters (name text PRIMARY KEY, value bigint NOT NULL);
    CREATE TABLE public.changes (name text);
    CREATE FUNCTION note_change() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN INSERT INTO public.changes VALUES (NEW.name); RETURN NEW; END $$;
    CREATE TRIGGER note_change AFTER UPDATE ON public.counters
        FOR EACH ROW EXECUTE FUNCTION note_change();"""
_DECLARED = {
    "public.steps": {"key": "id", "columns": ["name"]},
    "public.counters": {"key": "name", "columns": ["value"]},
}

Document = dict[str, Any]


def create(name: str, step: str) -> ActionNode:
    """Return an action that inserts a row."""
    config = {"table": "public.steps", "values": {"name": step}}
    return ActionNode(str(uuid4()), name, "create_record", config)


def update(name: str, counter: str) -> ActionNode:
    """Return an action that changes a row."""
    where = {"field": "name", "operator": "equals", "value": counter}
    config = {"table": "public.counters", "where": where, "field": "value", "value": 1}
    return ActionNode(str(uuid4()), name, "update_field", config)


def chain(*actions: ActionNode) -> GraphDefinition:
    """Return a graph that runs the actions one after the other."""
    pairs = zip([None, *actions], actions, strict=False)
    return GraphDefinition(list(actions), [edge(source, target) for source, target in pairs])


def edge(
    source: ActionNode | None, target: ActionNode, edge_type: EdgeType = "sequence"
) -> ActionEdge:
    """Return an edge between two actions, or from the start."""
    if source is None:
        return ActionEdge(target.id, "start")
    return ActionEdge(target.id, edge_type, source.id)


class Installation:
    """One Ichor for all tests; each gets it whole, whatever the test before has killed.

    Args:
        folder: of data and logs.
        target: what webhooks call.
        temporal: a server that runs.
        durable: whether PostgreSQL may be killed; otherwise it is faster, and loses what it
            committed last.
    """

    def __init__(
        self,
        folder: Path,
        target: GatedTarget,
        temporal: TemporalServer,
        *,
        durable: bool = False,
    ) -> None:
        self.folder = folder
        self._port = free_port()
        self._servers = AsyncExitStack()
        self._has_postgres = False
        self._durable = durable
        self.target = target
        self.temporal = temporal
        self.postgres: PostgresServer
        self.worker: Command
        self.api: Command
        self.dsn = ""
        self.settings: dict[str, str] = {}

    async def open(self) -> None:
        """Start the servers and make the database."""
        await self.start_postgres()
        self.dsn = await self.postgres.create_database()
        await migrate(self.dsn)
        connection = await asyncpg.connect(self.dsn)
        try:
            await connection.execute(_TABLES)
        finally:
            await connection.close()
        self.settings = {
            "DATABASE_URL": self.dsn,
            "TEMPORAL_ADDRESS": self.temporal.address,
            "DECLARED_TABLES": json.dumps(_DECLARED),
            "WEBHOOK_ALLOWED_TARGETS": json.dumps([LOOPBACK]),
            "WEBHOOK_TIMEOUT_SECONDS": "120",
        }
        self.worker = Command(["ichor-worker", "serve"], self.settings, self.folder / "worker.log")
        log = self.folder / "api.log"
        self.api = Command(["ichor-trigger-api", "serve"], self.settings, log)

    async def bring_up(self) -> None:
        """Start what is down, and wait until all of it is ready."""
        await self.start_postgres()
        if self.temporal.process is None:
            await self.temporal.start()
        for service in (self.worker, self.api):
            if not service.is_running:
                await service.start()
        for service in (self.worker, self.api):
            await service.ready()

    async def close(self) -> None:
        """End everything."""
        for service in (self.worker, self.api):
            if service.is_running:
                await service.end(signal.SIGKILL)
        if self.postgres.process is None:  # it is not ours, and goes on
            await self.postgres.drop_database(self.dsn)
        await self.stop_postgres()
        if self.postgres.folder is not None:
            shutil.rmtree(self.postgres.folder)

    async def start_postgres(self) -> None:
        """Start PostgreSQL with the data that are there; nothing happens if it runs."""
        if not self._has_postgres:
            context = postgres(self.folder / "postgres", port=self._port, durable=self._durable)
            self.postgres = await self._servers.enter_async_context(context)
            self._has_postgres = True

    async def stop_postgres(self) -> None:
        """Stop PostgreSQL; its data stay."""
        self._has_postgres = False
        await self._servers.aclose()

    async def sql(self, query: str, *values: object) -> list[Any]:
        """Run a query and return the first column of its rows."""
        return [row[0] for row in await self.rows(query, *values)]

    async def rows(self, query: str, *values: object) -> list[Any]:
        """Run a query and return its rows."""
        connection = await asyncpg.connect(self.dsn)
        try:
            return await connection.fetch(query, *values)
        finally:
            await connection.close()

    async def sql_says(self, query: str, *values: object) -> None:
        """Wait until the first column of a query's first row is true."""
        while not (await self.sql(query, *values))[0]:
            await asyncio.sleep(POLL_SECONDS)

    def webhook(self, name: str, path: str, limits: Limits | None = None) -> ActionNode:
        """Return an action that calls a path of the target."""
        limits = limits or Limits(heartbeat=1, initial_interval=0.1)
        config = {"url": self.target.url + path, "body": {}}
        return ActionNode(str(uuid4()), name, "call_webhook", config, limits)

    async def ask(
        self, method: str, path: str, body: object = None, **headers: str
    ) -> httpx2.Response:
        """Send a request to the API."""
        # Without verification no authorities are loaded, which takes longer than a request.
        client = httpx2.AsyncClient(trust_env=False, timeout=30, verify=False)
        async with client:
            return await client.request(
                method,
                f"{self.api.url}/api/v1/workflow{path}",
                json=None if body is None else msgspec.to_builtins(body),
                headers=headers,
            )

    async def store_rule(self, graph: GraphDefinition) -> str:
        """Store an active rule; returns the entity whose events set it off."""
        entity = f"entity-{uuid4()}"
        rule = {"name": entity, "trigger_entity": entity, "trigger_event": "on_create"}
        created = await self.ask("POST", "/rules", rule)
        assert created.status_code == 201, created.text
        path = f"/rules/{created.json()['id']}"
        saved = await self.ask("PUT", f"{path}/graph", graph)
        assert saved.status_code == 200, saved.text
        activated = await self.ask("POST", f"{path}/activate")
        assert activated.status_code == 200, activated.text
        return entity

    async def post_event(
        self, entity: str, event_id: str | None = None, data: Document | None = None, **headers: str
    ) -> Document:
        """Send an event; returns the answer."""
        event = {
            "event_id": event_id or str(uuid4()),
            "entity_name": entity,
            "entity_id": "1",
            "event_type": "on_create",
            "data": data or {},
        }
        accepted = await self.ask("POST", "/events", event, **headers)
        assert accepted.status_code == 202, accepted.text
        return accepted.json()

    async def begin(self, graph: GraphDefinition, data: Document | None = None) -> str:
        """Store a rule and set it off by an event with these data; returns the execution id."""
        accepted = await self.post_event(await self.store_rule(graph), data=data)
        (execution,) = accepted["executions"]
        return execution["execution_id"]

    async def execution(self, execution_id: str) -> Document:
        """Return what the API says of an execution."""
        answer = await self.ask("GET", f"/executions/{execution_id}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def end_of(self, execution_id: str) -> Document:
        """Wait for the end of an execution and return what the API says of it."""
        return await self.reaches(execution_id, TERMINAL_STATUSES)

    async def reaches(self, execution_id: str, statuses: Collection[str]) -> Document:
        """Wait until an execution has one of the statuses."""
        while True:
            document = await self.execution(execution_id)
            if document["status"] in statuses:
                return document
            await asyncio.sleep(POLL_SECONDS)


@asynccontextmanager
async def installation(folder: Path) -> AsyncGenerator[Installation]:
    """Run an Ichor in a folder while the context lasts."""
    async with gated_target() as target, temporal(db_filename=folder / "temporal.sqlite") as engine:
        ichor = Installation(folder, target, engine)
        await ichor.open()
        try:
            yield ichor
        finally:
            await ichor.close()
