"""The service over a real database and a real Temporal server, called without a network."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any
from uuid import NAMESPACE_DNS, uuid5

import asyncpg
import httpx
import pytest
from msgspec import Struct, field
from temporalio.client import Client
from temporalio.envconfig import ClientConfigProfile
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from ichor_actions import ActionAttempt
from ichor_actions.builtin import builtin_actions
from ichor_actions.definition.action import action
from ichor_actions.errors import RefusedError, TransientError
from ichor_actions.registry import Registry
from ichor_actions.resources import Resources
from ichor_activities import ActionActivities, RecordingActivities
from ichor_core.contract import TASK_QUEUE
from ichor_devstack.postgres import PostgresServer
from ichor_devstack.temporal import TemporalServer
from ichor_edgestore.action_types import PostgresActionTypeStore
from ichor_edgestore.database import open_pool
from ichor_edgestore.events import PostgresDispatchQueue
from ichor_edgestore.executions import PostgresExecutionStore, PostgresValueStore
from ichor_edgestore.migrations import migrate
from ichor_edgestore.rules import PostgresRuleStore
from ichor_engine.relay.relay import Relay
from ichor_engine.relay.start_input import StartInputs
from ichor_runtime.temporal import connect
from ichor_trigger_api.app import create_app, observed
from ichor_trigger_api.bootstrap import api_dependencies
from ichor_trigger_api.http.paths import PREFIX
from ichor_workflows import WORKFLOWS


class GateConfig(Struct, frozen=True, forbid_unknown_fields=True):
    gate: str = ""
    fail_attempts: int = 0
    refuse: str = ""
    result: dict[str, Any] = field(default_factory=dict[str, Any])


class Gates:
    """Actions of type `gate` wait here until the test lets them through."""

    def __init__(self) -> None:
        self.entered: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self.open: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)

    def registry(self) -> Registry:
        @action(type="gate", title="Gate", kind="sync")
        async def gate(config: GateConfig, attempt: ActionAttempt) -> dict[str, Any]:
            if attempt.number <= config.fail_attempts:
                raise TransientError(f"attempt {attempt.number} fails")
            if config.refuse:
                raise RefusedError(config.refuse)
            if config.gate:
                self.entered[config.gate].set()
                await self.open[config.gate].wait()
            return config.result

        return Registry([*builtin_actions(Resources()), gate])


class Api:
    """Calls the service, with the bodies that tests need."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    @staticmethod
    def action_id(name: str) -> str:
        return str(uuid5(NAMESPACE_DNS, name))

    @classmethod
    def node(cls, name: str, type: str = "gate", /, **config: Any) -> dict[str, Any]:
        """Return an action; a cancellation reaches it with its next heartbeat."""
        identity = {"id": cls.action_id(name), "name": name, "action_type": type}
        return {**identity, "action_config": config, "limits": {"heartbeat": 0.3}}

    @classmethod
    def edge(cls, source: str | None, target: str, type: str = "sequence") -> dict[str, Any]:
        return {
            "source_action_id": source and cls.action_id(source),
            "target_action_id": cls.action_id(target),
            "edge_type": "start" if source is None else type,
        }

    @classmethod
    def chain(cls, *nodes: dict[str, Any]) -> dict[str, Any]:
        """Return a graph of one action behind the other."""
        names = [None, *(node["name"] for node in nodes)]
        edges = [cls.edge(*pair) for pair in pairwise(names)]
        return {"actions": list(nodes), "edges": edges}

    async def rule(
        self,
        graph: dict[str, Any] | None = None,
        *,
        activate: bool = True,
        **fields: Any,
    ) -> str:
        """Create a rule for new orders, with a graph if one is given; return its id."""
        rule = {"name": "rule", "trigger_entity": "order", "trigger_event": "on_create", **fields}
        created = await self.http.post("/rules", json=rule)
        assert created.status_code == 201, created.text
        rule_id = created.json()["id"]
        if graph is not None:
            saved = await self.http.put(f"/rules/{rule_id}/graph", json=graph)
            assert saved.status_code == 200, saved.text
            if activate:
                activated = await self.http.post(f"/rules/{rule_id}/activate")
                assert activated.status_code == 200, activated.text
        return rule_id

    async def event(self, **fields: Any) -> dict[str, Any]:
        """Report a new order; return the answer."""
        event = {"entity_name": "order", "entity_id": "1", "event_type": "on_create", **fields}
        accepted = await self.http.post("/events", json=event)
        assert accepted.status_code == 202, accepted.text
        return accepted.json()

    async def execution(self, execution_id: str) -> dict[str, Any]:
        answer = await self.http.get(f"/executions/{execution_id}")
        assert answer.status_code == 200, answer.text
        return answer.json()


def problem(response: httpx.Response, status: int, kind: str) -> dict[str, Any]:
    """Check that the answer is such a problem document, and return it."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    document = response.json()
    assert document["status"] == status
    assert document["type"] == f"urn:ichor:problem:{kind}", document
    assert document["title"]
    assert document["detail"]
    assert document["instance"] == response.request.url.path
    return document


@pytest.fixture(scope="session")
def check_problem() -> Any:
    return problem


@pytest.fixture(scope="session")
async def database_template(postgres_server: PostgresServer) -> AsyncIterator[str]:
    dsn = await postgres_server.create_database()
    await migrate(dsn)
    yield dsn
    await postgres_server.drop_database(dsn)


@pytest.fixture
async def pool(database: str) -> AsyncIterator[asyncpg.Pool]:
    pool = await open_pool(database)
    yield pool
    await pool.close()


@pytest.fixture(scope="session")
async def client(temporal_server: TemporalServer) -> Client:
    return await connect(ClientConfigProfile(address=temporal_server.address))


@pytest.fixture
def gates() -> Gates:
    return Gates()


@asynccontextmanager
async def opened_api(pool: asyncpg.Pool, client: Client) -> AsyncGenerator[Api]:
    transport = httpx.ASGITransport(observed(create_app(api_dependencies(pool, client))))
    async with httpx.AsyncClient(transport=transport, base_url=f"http://api{PREFIX}") as http:
        yield Api(http)


@pytest.fixture
async def api(pool: asyncpg.Pool, client: Client, gates: Gates) -> AsyncIterator[Api]:
    await PostgresActionTypeStore(pool).publish_action_types(gates.registry().types())
    async with opened_api(pool, client) as api:
        yield api


@pytest.fixture(scope="session")
def open_api() -> Any:
    """Give a context manager: the service over given connections."""
    return opened_api


@pytest.fixture(scope="module")
async def shared_pool(
    postgres_server: PostgresServer, database_template: str
) -> AsyncIterator[asyncpg.Pool]:
    """Give a database that the tests of one module share."""
    dsn = await postgres_server.create_database(template=database_template)
    pool = await open_pool(dsn)
    yield pool
    await pool.close()
    await postgres_server.drop_database(dsn)


@pytest.fixture(scope="module")
async def shared_api(shared_pool: asyncpg.Pool, client: Client) -> AsyncIterator[Api]:
    """Give the service on a database that the tests of one module share."""
    await PostgresActionTypeStore(shared_pool).publish_action_types(Gates().registry().types())
    async with opened_api(shared_pool, client) as api:
        yield api


@pytest.fixture
def executions(pool: asyncpg.Pool) -> PostgresExecutionStore:
    return PostgresExecutionStore(pool)


@pytest.fixture
def relay(pool: asyncpg.Pool, client: Client) -> Relay:
    return Relay(
        dispatches=PostgresDispatchQueue(pool),
        executions=PostgresExecutionStore(pool),
        inputs=StartInputs(
            PostgresRuleStore(pool), PostgresValueStore(pool), PostgresActionTypeStore(pool)
        ),
        client=client,
    )


@pytest.fixture
async def worker(pool: asyncpg.Pool, client: Client, gates: Gates) -> AsyncIterator[Worker]:
    values, executions = PostgresValueStore(pool), PostgresExecutionStore(pool)
    actions = ActionActivities(gates.registry(), values, executions)
    records = RecordingActivities(executions, values)
    worker = Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=WORKFLOWS,
        activities=[actions.execute_action, records.record_execution, records.offload_results],
        workflow_runner=UnsandboxedWorkflowRunner(),
    )
    async with worker:
        yield worker


@pytest.fixture
def until() -> Any:
    """Give a function that repeats a question until its answer is the wanted one."""

    async def repeat(ask: Any, wanted: Any, within_seconds: float = 20) -> Any:
        async with asyncio.timeout(within_seconds):
            while not wanted(answer := await ask()):
                await asyncio.sleep(0.01)
        return answer

    return repeat
