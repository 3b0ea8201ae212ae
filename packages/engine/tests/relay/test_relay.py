"""Accepted events become workflows, each exactly once, whatever goes away meanwhile."""

import asyncio

import pytest
from temporalio.client import WorkflowExecutionStatus, WorkflowFailureError
from temporalio.envconfig import ClientConfigProfile
from temporalio.exceptions import CancelledError

from ichor_devstack.temporal import temporal
from ichor_edgestore.executions import PostgresBacklogStore
from ichor_engine.relay.relay import LONGEST_DELAY_SECONDS, retry_delay
from ichor_runtime.temporal import connect, lazy_client

pytestmark = pytest.mark.servers


@pytest.fixture
def relay(engine):
    return engine.relay()


async def end(client, accepted):
    """Wait until the workflows of an event have ended."""
    for one in accepted["executions"]:
        await client.get_workflow_handle(one["workflow_id"]).result()


@pytest.mark.usefixtures("worker")
async def test_an_event_runs_its_graphs(engine, relay, client):
    graph = engine.chain(
        engine.node("A", result={"total": 2**60}),
        engine.node("B", "set_values", values={"t": "{{A.total}}", "o": "{{trigger.ref}}"}),
    )
    for number in range(3):
        await engine.rule(graph, name=f"rule {number}")
    accepted = await engine.event(data={"ref": "o-1"})
    assert await relay.start_due() == 3
    await end(client, accepted)
    for one in accepted["executions"]:
        shown = await engine.execution(one["execution_id"])
        assert shown["status"] == "completed"
        assert shown["actions"][1]["result"] == {"t": 2**60, "o": "o-1"}
        description = await client.get_workflow_handle(one["workflow_id"]).describe()
        assert await description.memo() == {
            "rule_id": one["rule_id"],
            "execution_id": one["execution_id"],
        }
        assert await description.static_summary() == one["rule_name"]
    assert await relay.start_due() == 0


@pytest.mark.usefixtures("worker")
async def test_an_execution_keeps_the_version_that_it_was_accepted_with(engine, relay, client):
    rule_id = await engine.rule(engine.chain(engine.node("old")))
    accepted = await engine.event()
    graph = engine.chain(engine.node("new"))
    await engine.save_graph(rule_id, graph)
    await relay.start_due()
    await end(client, accepted)
    shown = await engine.execution(accepted["executions"][0]["execution_id"])
    assert [action["name"] for action in shown["actions"]] == ["old"]
    assert shown["graph_version"] == 1


@pytest.mark.usefixtures("worker")
async def test_a_rule_that_is_deleted_after_the_event_still_runs(engine, relay, client):
    rule_id = await engine.rule(engine.chain(engine.node("A")))
    accepted = await engine.event()
    await engine.rules.delete_rule(rule_id)
    await relay.start_due()
    await end(client, accepted)
    shown = await engine.execution(accepted["executions"][0]["execution_id"])
    assert shown["status"] == "completed"


@pytest.mark.usefixtures("worker")
async def test_large_trigger_values_travel_by_reference(engine, relay, client):
    graph = engine.chain(engine.node("A", result={"text": "{{text}}"}))
    await engine.rule(graph)
    text = "ü" * 100_000
    accepted = await engine.event(data={"text": text})
    await relay.start_due()
    await end(client, accepted)
    (one,) = accepted["executions"]
    history = await client.get_workflow_handle(one["workflow_id"]).fetch_history()
    assert len(history.to_json()) < 50_000
    assert (await engine.execution(one["execution_id"]))["trigger_data"]["text"] == text


async def test_events_are_accepted_while_temporal_is_away_and_started_later(
    engine, engine_of, until
):
    await engine.rule(engine.chain(engine.node("A")))
    async with temporal() as server:
        profile = ClientConfigProfile(address=server.address)
        await server.kill()
        relay = engine_of(await lazy_client(profile)).relay(poll_seconds=0.05)
        accepted = await engine.event()
        (one,) = accepted["executions"]
        assert await relay.start_due() == 1
        waiting = await engine.executions.get(one["execution_id"])
        assert waiting.execution.status == "pending"
        assert "connect" in waiting.dispatch_error

        stop = asyncio.Event()
        running = asyncio.create_task(relay.run(stop))
        await server.start()
        started = await until(
            lambda: engine.executions.get(one["execution_id"]),
            lambda detail: detail.execution.status == "running",
        )
        assert started.dispatch_error is None
        stop.set()
        await running
        client = await connect(profile)
        description = await client.get_workflow_handle(one["workflow_id"]).describe()
        assert description.status == WorkflowExecutionStatus.RUNNING


@pytest.mark.usefixtures("worker")
async def test_many_relays_start_each_workflow_once(engine, client):
    await engine.rule(engine.chain(engine.node("A")))
    events = [await engine.event(entity_id=str(n)) for n in range(30)]
    relays = [engine.relay(concurrency=4) for _ in range(5)]
    counts = await asyncio.gather(*(relay.start_due() for relay in relays))
    assert sum(counts) == 30
    for event in events:
        await end(client, event)
    assert (await PostgresBacklogStore(engine.pool).count()).dispatches == 0


@pytest.mark.usefixtures("worker")
async def test_a_workflow_that_was_started_already_counts_as_started(engine, relay, client):
    await engine.rule(engine.chain(engine.node("A")))
    accepted = await engine.event()
    await relay.start_due()
    await end(client, accepted)
    # A relay that died after the start left the dispatch as it was.
    await engine.pool.execute(
        "UPDATE workflow.dispatches SET state = 'pending', leased_until = NULL"
    )
    assert await relay.start_due() == 1
    assert (await PostgresBacklogStore(engine.pool).count()).dispatches == 0
    shown = await engine.execution(accepted["executions"][0]["execution_id"])
    assert shown["status"] == "completed"


@pytest.mark.usefixtures("worker")
async def test_an_unknown_action_type_keeps_the_dispatch_waiting_and_is_named(
    engine, gates, relay, client
):
    await engine.rule(engine.chain(engine.node("A")))
    await engine.pool.execute("DELETE FROM workflow.action_types WHERE type = 'gate'")
    accepted = await engine.event()
    await relay.start_due()
    execution_id = accepted["executions"][0]["execution_id"]
    shown = await engine.execution(execution_id)
    assert shown["status"] == "pending"
    assert "gate" in shown["dispatch_error"]
    await engine.action_types.publish_action_types(gates.registry().types())
    await engine.pool.execute("UPDATE workflow.dispatches SET next_attempt_at = now()")
    await relay.start_due()
    await end(client, accepted)
    assert (await engine.execution(execution_id))["status"] == "completed"


async def test_what_temporal_refuses_fails_visibly(engine, relay):
    # A thousand values, each too small to be stored apart, together with the graph too large.
    text = "x" * 1_100_000
    await engine.rule(engine.chain(engine.node("A", "set_values", values={"text": text})))
    accepted = await engine.event(data={f"f{n}": "y" * 790 for n in range(1_250)})
    await relay.start_due()
    shown = await engine.execution(accepted["executions"][0]["execution_id"])
    assert shown["status"] == "failed"
    assert shown["error"]["type"] == "StartRefused"
    assert await engine.pool.fetchval("SELECT state FROM workflow.dispatches") == "failed"


@pytest.mark.usefixtures("worker")
async def test_a_running_relay_is_woken_by_an_event(engine, client, gates):
    await engine.rule(engine.chain(engine.node("A", gate="g")))
    stop = asyncio.Event()
    relay = engine.relay(poll_seconds=3_600)
    running = asyncio.create_task(relay.run(stop))
    for number in range(3):
        accepted = await engine.event(entity_id=str(number))
        await gates.entered["g"].wait()
        gates.entered["g"].clear()
        gates.open["g"].set()
        await end(client, accepted)
        gates.open["g"].clear()
    stop.set()
    await running


async def test_a_relay_that_is_told_to_stop_finishes_what_it_is_starting(engine, until):
    await engine.rule(engine.chain(engine.node("A")))
    for number in range(10):
        await engine.event(entity_id=str(number))
    stop = asyncio.Event()
    running = asyncio.create_task(engine.relay(concurrency=3).run(stop))
    leased = "SELECT count(*) FROM workflow.dispatches WHERE leased_until IS NOT NULL"
    await until(lambda: engine.pool.fetchval(leased), bool)
    stop.set()
    await running
    assert await engine.pool.fetchval(leased) == 0


@pytest.mark.usefixtures("worker")
async def test_one_that_is_cancelled_while_it_is_being_started_is_cancelled(engine, relay, client):
    await engine.rule(engine.chain(engine.node("A", gate="never")))
    accepted = await engine.event()
    (one,) = accepted["executions"]
    (dispatch,) = await engine.dispatches.lease(1, 30)
    assert await engine.canceller.cancel(one["execution_id"]) == "cancelled"
    await relay._start(dispatch)
    handle = client.get_workflow_handle(one["workflow_id"])
    with pytest.raises(WorkflowFailureError) as ended:
        await handle.result()
    assert isinstance(ended.value.cause, CancelledError)
    assert (await engine.execution(one["execution_id"]))["status"] == "cancelled"


def test_waits_grow_up_to_a_limit_and_are_scattered():
    delays = [retry_delay(attempt) for attempt in range(1, 40)]
    assert 0.25 <= delays[0] <= 0.5
    assert max(delays) <= LONGEST_DELAY_SECONDS
    assert min(delays[10:]) >= LONGEST_DELAY_SECONDS / 2
    assert len(set(delays[10:])) > 5
    assert retry_delay(10**9) <= LONGEST_DELAY_SECONDS
