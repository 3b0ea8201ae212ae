from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import uuid4

import asyncpg
import pytest
from msgspec import Struct

from ichor_core.graph import ActionEdge, ActionNode, GraphDefinition
from ichor_devstack.postgres import PostgresServer
from ichor_edgestore import memory
from ichor_edgestore.action_types import PostgresActionTypeStore
from ichor_edgestore.alerts.store import PostgresAlertStore
from ichor_edgestore.approvals.store import PostgresApprovalStore
from ichor_edgestore.database.pool import open_pool
from ichor_edgestore.effects.store import PostgresEffectStore
from ichor_edgestore.effects.tables import DeclaredTable
from ichor_edgestore.events.dispatches import PostgresDispatchQueue
from ichor_edgestore.events.records import AcceptedEvent, Event
from ichor_edgestore.events.store import PostgresEventStore
from ichor_edgestore.executions.large_values import PostgresValueStore
from ichor_edgestore.executions.store import PostgresExecutionStore
from ichor_edgestore.migrations import migrate
from ichor_edgestore.rules.records import Rule, RuleDraft
from ichor_edgestore.rules.store import PostgresRuleStore

TABLES = {
    "public.orders": DeclaredTable(("customer", "total", "state", "notes", "tags"), "id"),
    "public.missing": DeclaredTable(("a",), "id"),
    "public.narrow": DeclaredTable(("a", "gone"), "a"),
}
CREATE_TABLES = """
    CREATE TABLE orders (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        customer text UNIQUE,
        total numeric,
        state varchar(10) CHECK (state <> 'impossible'),
        notes jsonb,
        tags text[],
        secret text DEFAULT 'hidden'
    );
    CREATE TABLE narrow (a int)"""


class Stores(Struct):
    """All stores over one database or one state."""

    rules: PostgresRuleStore
    events: PostgresEventStore
    dispatches: PostgresDispatchQueue
    executions: PostgresExecutionStore
    action_types: PostgresActionTypeStore
    values: PostgresValueStore
    effects: PostgresEffectStore
    alerts: PostgresAlertStore
    approvals: PostgresApprovalStore


@pytest.fixture(scope="session")
async def database_template(postgres_server: PostgresServer) -> AsyncIterator[str]:
    dsn = await postgres_server.create_database()
    await migrate(dsn)
    connection = await asyncpg.connect(dsn)
    await connection.execute(CREATE_TABLES)
    await connection.close()
    yield dsn
    await postgres_server.drop_database(dsn)


@pytest.fixture
async def pool(database: str) -> AsyncIterator[asyncpg.Pool]:
    pool = await open_pool(database)
    yield pool
    await pool.close()


@pytest.fixture
def database_stores(pool: asyncpg.Pool) -> Stores:
    return Stores(
        PostgresRuleStore(pool),
        PostgresEventStore(pool),
        PostgresDispatchQueue(pool),
        PostgresExecutionStore(pool),
        PostgresActionTypeStore(pool),
        PostgresValueStore(pool),
        PostgresEffectStore(pool, TABLES),
        PostgresAlertStore(pool),
        PostgresApprovalStore(pool),
    )


@pytest.fixture
def memory_stores() -> Stores:
    state = memory.MemoryState()
    return Stores(
        memory.MemoryRuleStore(state),
        memory.MemoryEventStore(state),
        memory.MemoryDispatchQueue(state),
        memory.MemoryExecutionStore(state),
        memory.MemoryActionTypeStore(state),
        memory.MemoryValueStore(state),
        memory.MemoryEffectStore(state, TABLES),
        memory.MemoryAlertStore(state),
        memory.MemoryApprovalStore(state),
    )


@pytest.fixture(params=["memory", pytest.param("database", marks=pytest.mark.servers)])
def stores(request: pytest.FixtureRequest) -> Stores:
    return request.getfixturevalue(f"{request.param}_stores")


@pytest.fixture
def make_event() -> Callable[..., Event]:
    """Make a new order."""

    def make_event(**fields: object) -> Event:
        given = {"id": str(uuid4()), "entity_name": "orders", "entity_id": "17"}
        return Event(**given | {"event_type": "on_create", "data": {"total": 5}} | fields)

    return make_event


@pytest.fixture
def add_rule(stores: Stores) -> Callable[..., Awaitable[Rule]]:
    """Store a rule for new orders with a graph of two actions, `first` and `second`."""

    async def add_rule(name: str = "rule", **fields: object) -> Rule:
        given = {"trigger_entity": "orders", "trigger_event": "on_create"}
        rule = await stores.rules.create_rule(RuleDraft(name=name, **given | fields))
        first, second = str(uuid4()), str(uuid4())
        graph = GraphDefinition(
            [
                ActionNode(first, "first", "set_values"),
                ActionNode(second, "second", "create_alert"),
            ],
            [ActionEdge(first, "start"), ActionEdge(second, "sequence", first)],
        )
        await stores.rules.save_graph(rule.id, graph)
        return await stores.rules.get_rule(rule.id)

    return add_rule


@pytest.fixture
def accept_event(stores: Stores, add_rule, make_event) -> Callable[..., Awaitable[AcceptedEvent]]:
    """Accept an event that every rule for orders matches; make one where there is none."""

    async def accept_event(**fields: object) -> AcceptedEvent:
        if not (await stores.rules.list_rules()).items:
            await add_rule()
        return await stores.events.accept(make_event(**fields), lambda rule: True)

    return accept_event
