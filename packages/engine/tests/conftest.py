"""The engine over a real database and a real Temporal server."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from itertools import pairwise
from typing import Any
from uuid import NAMESPACE_DNS, uuid5

import asyncpg
import pytest
from msgspec import Struct, convert, field, to_builtins
from temporalio.client import Client
from temporalio.envconfig import ClientConfigProfile
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from ichor_actions import ActionAttempt, RefusedError, Registry, Resources, TransientError, action
from ichor_actions.builtin import builtin_actions
from ichor_activities import ActionActivities, RecordingActivities
from ichor_core.contract import TASK_QUEUE
from ichor_core.graph import GraphDefinition
from ichor_devstack.postgres import PostgresServer
from ichor_devstack.temporal import TemporalServer
from ichor_edgestore.action_types import PostgresActionTypeStore
from ichor_edgestore.approvals import PostgresApprovalStore
from ichor_edgestore.database import open_pool
from ichor_edgestore.events import PostgresDispatchQueue, PostgresEventStore
from ichor_edgestore.executions import PostgresExecutionStore, PostgresValueStore
from ichor_edgestore.migrations import migrate
from ichor_edgestore.rules import PostgresRuleStore, RuleDraft
from ichor_engine import (
    Canceller,
    EventIntake,
    ExecutionReader,
    Reconciler,
    Relay,
    ReportedEvent,
    RuleEditor,
    RuleGraphs,
    StartInputs,
)
from ichor_runtime.temporal import connect
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


class Engine:
    """The parts of the engine on one database and one client; values as plain data."""

    def __init__(self, pool: asyncpg.Pool, client: Client) -> None:
        self.pool = pool
        self.client = client
        self.wake = asyncio.Event()
        self.rules = PostgresRuleStore(pool)
        self.executions = PostgresExecutionStore(pool)
        self.dispatches = PostgresDispatchQueue(pool)
        self.action_types = PostgresActionTypeStore(pool)
        self.values = PostgresValueStore(pool)
        self.reconciler = Reconciler(self.executions, client)
        self.canceller = Canceller(self.executions, self.dispatches, self.reconciler, client)
        self.graphs = RuleGraphs(self.rules, self.action_types)
        self._intake = EventIntake(PostgresEventStore(pool), self.wake)
        self._reader = ExecutionReader(
            self.executions, self.rules, PostgresApprovalStore(pool), self.reconciler
        )

    def relay(self, **options: Any) -> Relay:
        return Relay(
            dispatches=self.dispatches,
            executions=self.executions,
            inputs=StartInputs(self.rules, self.values, self.action_types),
            client=self.client,
            wake=self.wake,
            **options,
        )

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
        """Return a graph of one action after the other."""
        names = [None, *(node["name"] for node in nodes)]
        return {"actions": list(nodes), "edges": [cls.edge(*pair) for pair in pairwise(names)]}

    async def rule(self, graph: dict[str, Any], name: str = "rule") -> str:
        """Create an active rule for new orders; return its id."""
        draft = RuleDraft(
            name=name, trigger_entity="order", trigger_event="on_create", is_active=False
        )
        editor = RuleEditor(self.rules)
        rule = await editor.create(draft)
        await self.save_graph(rule.id, graph)
        await editor.activate(rule.id)
        return rule.id

    async def save_graph(self, rule_id: str, graph: dict[str, Any]) -> None:
        await self.graphs.save(rule_id, convert(graph, GraphDefinition))

    async def event(self, **fields: Any) -> dict[str, Any]:
        """Accept a new order; return the answer."""
        event = {"entity_name": "order", "entity_id": "1", "event_type": "on_create", **fields}
        return to_builtins(await self._intake.accept(ReportedEvent(**event)))

    async def execution(self, execution_id: str) -> dict[str, Any]:
        return to_builtins((await self._reader.read(execution_id)).view)

    async def started(self, graph: dict[str, Any], **event: Any) -> tuple[str, Any]:
        """Start the graph of a new rule; return the execution's id and its workflow."""
        await self.rule(graph)
        (one,) = (await self.event(**event))["executions"]
        await self.relay().start_due()
        return one["execution_id"], self.client.get_workflow_handle(one["workflow_id"])


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


@pytest.fixture
async def engine(pool: asyncpg.Pool, client: Client, gates: Gates) -> Engine:
    engine = Engine(pool, client)
    await engine.action_types.publish_action_types(gates.registry().types())
    return engine


@pytest.fixture
def engine_of(pool: asyncpg.Pool) -> Callable[[Client], Engine]:
    """Give a function: the engine on the test's database, with another client."""
    return lambda client: Engine(pool, client)


@pytest.fixture
async def worker(engine: Engine, client: Client, gates: Gates) -> AsyncIterator[Worker]:
    actions = ActionActivities(gates.registry(), engine.values, engine.executions)
    records = RecordingActivities(engine.executions, engine.values)
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
