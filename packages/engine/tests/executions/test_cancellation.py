"""Executions are cancelled, whether they wait, run or have ended."""

import pytest
from temporalio.client import WorkflowFailureError

from ichor_engine import ExecutionEndedError

pytestmark = pytest.mark.servers


def statuses(shown):
    return {action["name"]: action["status"] for action in shown["actions"]}


@pytest.mark.usefixtures("worker")
async def test_a_running_execution_is_cancelled(engine, gates):
    graph = engine.chain(engine.node("A"), engine.node("B", gate="b"), engine.node("C"))
    execution_id, handle = await engine.started(graph)
    await gates.entered["b"].wait()
    for _ in range(2):
        assert await engine.canceller.cancel(execution_id) == "running"
    with pytest.raises(WorkflowFailureError):
        await handle.result()
    shown = await engine.execution(execution_id)
    assert shown["status"] == "cancelled"
    assert statuses(shown)["A"] == "completed"
    assert await engine.canceller.cancel(execution_id) == "cancelled"


async def test_one_that_was_not_started_never_will_be(engine):
    await engine.rule(engine.chain(engine.node("A")))
    (one,) = (await engine.event())["executions"]
    for _ in range(2):
        assert await engine.canceller.cancel(one["execution_id"]) == "cancelled"
    assert await engine.relay().start_due() == 0
    shown = await engine.execution(one["execution_id"])
    assert shown["status"] == "cancelled"
    assert statuses(shown) == {"A": "waiting"}


@pytest.mark.usefixtures("worker")
async def test_one_that_has_ended_is_not_cancelled_and_its_end_is_named(engine):
    execution_id, handle = await engine.started(engine.chain(engine.node("A")))
    await handle.result()
    with pytest.raises(ExecutionEndedError) as ended:
        await engine.canceller.cancel(execution_id)
    assert ended.value.status == "completed"


@pytest.mark.usefixtures("worker")
async def test_one_that_ended_without_a_record_is_not_cancelled_either(engine, gates):
    execution_id, handle = await engine.started(engine.chain(engine.node("A", gate="a")))
    await gates.entered["a"].wait()
    await handle.terminate()
    with pytest.raises(ExecutionEndedError) as ended:
        await engine.canceller.cancel(execution_id)
    assert ended.value.status == "failed"
    gates.open["a"].set()
