"""Workflows that ended without a record."""

import asyncio
from datetime import timedelta

import pytest
from temporalio.client import WorkflowFailureError

from ichor_engine import Reconciler, Sweeper, TemporalUnavailableError
from ichor_engine.executions import observation

pytestmark = pytest.mark.servers


@pytest.fixture
def sweeper(engine):
    return Sweeper(engine.executions, engine.reconciler, 0.01)


def statuses(shown):
    return {action["name"]: action["status"] for action in shown["actions"]}


@pytest.mark.usefixtures("worker")
async def test_a_terminated_workflow_is_noticed(engine, gates):
    graph = engine.chain(
        engine.node("A", result={"n": 1}), engine.node("B", gate="b"), engine.node("C")
    )
    execution_id, handle = await engine.started(graph)
    await gates.entered["b"].wait()
    await handle.terminate(reason="by the operator")
    shown = await engine.execution(execution_id)
    assert shown["status"] == "failed"
    assert shown["error"]["type"] == "Terminated"
    assert "by the operator" in shown["error"]["message"]
    assert shown["finished_at"]
    assert shown["live"] is True
    assert statuses(shown) == {"A": "completed", "B": "failed", "C": "waiting"}
    assert shown["actions"][0]["result"] == {"n": 1}
    assert shown["actions"][1]["error"]["type"] == "Terminated"
    gates.open["b"].set()
    assert await engine.execution(execution_id) == shown


async def test_a_terminated_workflow_is_noticed_without_a_worker_too(engine, monkeypatch):
    monkeypatch.setattr(observation, "CALL_SECONDS", 0.2)
    execution_id, handle = await engine.started(engine.chain(engine.node("A")))
    await handle.terminate()
    shown = await engine.execution(execution_id)
    assert (shown["status"], shown["error"]["type"]) == ("failed", "Terminated")
    assert statuses(shown) == {"A": "unknown"}


async def test_a_workflow_that_ran_out_of_time_is_noticed(engine, client):
    await engine.rule(engine.chain(engine.node("A")))
    (one,) = (await engine.event())["executions"]
    await engine.dispatches.mark_started(one["execution_id"])
    handle = await client.start_workflow(
        "Nobody",
        id=one["workflow_id"],
        task_queue="nobody",
        execution_timeout=timedelta(seconds=1),
    )
    with pytest.raises(WorkflowFailureError):
        await handle.result()
    shown = await engine.execution(one["execution_id"])
    assert (shown["status"], shown["error"]["type"]) == ("timed_out", "TimedOut")


@pytest.mark.usefixtures("worker")
async def test_a_sweep_finds_what_ended_without_a_record(engine, sweeper, gates):
    first, handle = await engine.started(engine.chain(engine.node("A", gate="a")))
    await gates.entered["a"].wait()
    assert await sweeper.sweep() == []
    await handle.terminate()
    assert await sweeper.sweep() == [first]
    stored = await engine.executions.get(first)
    assert stored.execution.status == "failed"
    gates.open["a"].set()


@pytest.mark.usefixtures("worker")
async def test_a_sweeper_runs_until_it_is_told_to_stop(engine, sweeper, gates, until):
    execution_id, handle = await engine.started(engine.chain(engine.node("A", gate="a")))
    await gates.entered["a"].wait()
    await handle.terminate()
    stop = asyncio.Event()
    running = asyncio.create_task(sweeper.run(stop))
    await until(
        lambda: engine.executions.get(execution_id),
        lambda detail: detail.execution.status == "failed",
    )
    stop.set()
    await running
    gates.open["a"].set()


async def test_an_execution_that_temporal_has_lost_has_failed(engine, client):
    execution_id, handle = await engine.started(engine.chain(engine.node("A")))
    await handle.terminate()
    await engine.pool.execute("UPDATE workflow.executions SET workflow_id = 'lost-' || workflow_id")
    shown = await engine.execution(execution_id)
    assert (shown["status"], shown["error"]["type"]) == ("failed", "WorkflowLost")


async def test_an_unknown_namespace_does_not_count_as_lost(engine, client):
    _, handle = await engine.started(engine.chain(engine.node("A")))
    configuration = client.config()
    configuration["namespace"] = "none"
    other = type(client)(**configuration)
    with pytest.raises(TemporalUnavailableError, match="none"):
        await observation.observe(other, handle.id)
    assert (
        await Sweeper(engine.executions, Reconciler(engine.executions, other), 3_600).sweep() == []
    )
    await handle.terminate()
