"""What users see of executions while they run and afterwards."""

from itertools import pairwise

import pytest
from temporalio.client import WorkflowFailureError

from ichor_core.contract import ActionState, ExecutionRecord
from ichor_engine.executions import observation

pytestmark = pytest.mark.servers


def statuses(shown):
    return {action["name"]: action["status"] for action in shown["actions"]}


@pytest.mark.usefixtures("worker")
async def test_a_running_execution_is_shown_as_it_is(engine, gates):
    graph = engine.chain(
        engine.node("A", result={"n": 1}), engine.node("B", gate="b"), engine.node("C", result={})
    )
    execution_id, handle = await engine.started(graph, data={"x": 1})
    await gates.entered["b"].wait()
    shown = await engine.execution(execution_id)
    assert (shown["status"], shown["live"], shown["live_reason"]) == ("running", True, "")
    assert statuses(shown) == {"A": "completed", "B": "running", "C": "waiting"}
    a, b, c = shown["actions"]
    assert a["result"] == {"n": 1}
    assert a["started_at"]
    assert a["finished_at"]
    assert (b["attempts"], b["finished_at"], b["result"]) == (1, None, None)
    assert (c["attempts"], c["started_at"]) == (0, None)
    assert shown["rule_name"] == "rule"
    assert shown["trigger_data"]["x"] == 1
    assert shown["workflow_id"] == handle.id

    gates.open["b"].set()
    await handle.result()
    ended = await engine.execution(execution_id)
    assert (ended["status"], ended["live"]) == ("completed", True)
    assert set(statuses(ended).values()) == {"completed"}
    assert ended["finished_at"]


@pytest.mark.usefixtures("worker")
async def test_actions_stand_in_the_order_of_the_graph(engine):
    names = ["z", "m", "a", "k"]
    execution_id, handle = await engine.started(
        engine.chain(*(engine.node(name) for name in names))
    )
    await handle.result()
    shown = await engine.execution(execution_id)
    assert [action["name"] for action in shown["actions"]] == names


@pytest.mark.usefixtures("worker")
async def test_an_action_that_is_tried_again_shows_its_attempt_and_its_last_failure(
    engine, gates, until
):
    graph = engine.chain(engine.node("A", fail_attempts=1, gate="a"))
    graph["actions"][0]["limits"] = {"initial_interval": 0.01}
    execution_id, handle = await engine.started(graph)
    await gates.entered["a"].wait()
    shown = await engine.execution(execution_id)
    (action,) = shown["actions"]
    assert (action["status"], action["attempts"]) == ("running", 2)
    assert "attempt 1 fails" in action["last_failure"]
    gates.open["a"].set()
    await handle.result()
    (action,) = (await engine.execution(execution_id))["actions"]
    assert (action["status"], action["attempts"], action["last_failure"]) == ("completed", 2, "")


@pytest.mark.usefixtures("worker")
async def test_a_failed_execution_says_what_failed_and_what_never_ran(engine):
    graph = engine.chain(engine.node("A", refuse="no money"), engine.node("B"))
    execution_id, handle = await engine.started(graph)
    with pytest.raises(WorkflowFailureError):
        await handle.result()
    shown = await engine.execution(execution_id)
    assert shown["status"] == "failed"
    assert "'A' (gate)" in shown["error"]["message"]
    assert "no money" in shown["error"]["message"]
    assert statuses(shown) == {"A": "failed", "B": "blocked"}
    assert "no money" in shown["actions"][0]["error"]["message"]


async def test_without_a_worker_the_last_record_is_shown_and_said_to_be_old(engine, monkeypatch):
    monkeypatch.setattr(observation, "CALL_SECONDS", 0.2)
    execution_id, handle = await engine.started(engine.chain(engine.node("A"), engine.node("B")))
    detail = await engine.executions.get(execution_id)
    assert detail.execution.started_at is not None
    record = ExecutionRecord(
        execution_id=detail.execution.id,
        status="running",
        started_at=detail.execution.started_at,
        actions=[ActionState(action_id=engine.action_id("A"), status="completed", result={"n": 1})],
    )
    await engine.executions.record(record)
    shown = await engine.execution(execution_id)
    assert (shown["status"], shown["live"]) == ("running", False)
    assert "no worker" in shown["live_reason"]
    assert statuses(shown) == {"A": "completed", "B": "unknown"}
    assert shown["actions"][0]["result"] == {"n": 1}
    await handle.terminate()


@pytest.mark.usefixtures("worker")
async def test_branches_in_child_workflows_are_shown_too(engine, gates):
    length = 110
    branches = [[f"{branch}{n}" for n in range(length)] for branch in "xy"]
    nodes = [engine.node(name) for name in (*branches[0], *branches[1], "end")]
    nodes[50] = engine.node("x50", gate="x")
    edges = []
    for names in branches:
        edges.append(engine.edge(None, names[0]))
        edges += [engine.edge(*pair) for pair in pairwise(names)]
        edges.append(engine.edge(names[-1], "end"))
    execution_id, handle = await engine.started({"actions": nodes, "edges": edges})
    await gates.entered["x"].wait()
    shown = await engine.execution(execution_id)
    assert shown["live"] is True
    seen = statuses(shown)
    assert (seen["x49"], seen["x50"], seen["x51"]) == ("completed", "running", "waiting")
    assert seen["end"] == "waiting"
    gates.open["x"].set()
    await handle.result()
    ended = await engine.execution(execution_id)
    assert len(ended["actions"]) == 2 * length + 1
    assert all(action["status"] == "completed" for action in ended["actions"])
    assert all(action["started_at"] for action in ended["actions"])
