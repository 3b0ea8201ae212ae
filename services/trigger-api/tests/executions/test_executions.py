"""What users see of executions while they run and afterwards, and how they stop them."""

import asyncio
from datetime import timedelta
from itertools import pairwise

import pytest
from temporalio.client import WorkflowFailureError

from ichor_core.contract import ActionState, ExecutionRecord
from ichor_edgestore.executions import ExecutionStore
from ichor_engine.errors import TemporalUnavailableError
from ichor_engine.executions import observation
from ichor_engine.executions.reconciliation import Reconciler, Sweeper

pytestmark = pytest.mark.servers


@pytest.fixture
def run(api, relay, client):
    """Give a function that starts the graph of a rule and returns execution and workflow."""

    async def run(graph, **event):
        await api.rule(graph)
        accepted = await api.event(**event)
        await relay.start_due()
        (one,) = accepted["executions"]
        return one["execution_id"], client.get_workflow_handle(one["workflow_id"])

    return run


@pytest.fixture
def reconciler(executions, client):
    return Reconciler(executions, client)


@pytest.fixture
def sweeper(executions, reconciler):
    return Sweeper(executions, reconciler, 0.01)


def statuses(shown):
    return {action["name"]: action["status"] for action in shown["actions"]}


@pytest.mark.usefixtures("worker")
async def test_a_running_execution_is_shown_as_it_is(api, run, gates):
    graph = api.chain(
        api.node("A", result={"n": 1}), api.node("B", gate="b"), api.node("C", result={})
    )
    execution_id, handle = await run(graph, data={"x": 1})
    await gates.entered["b"].wait()
    shown = await api.execution(execution_id)
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

    drawn = (await api.http.get(f"/executions/{execution_id}/graph.mermaid")).text
    for status in ("completed", "running", "waiting"):
        assert f"classDef {status}" in drawn

    gates.open["b"].set()
    await handle.result()
    ended = await api.execution(execution_id)
    assert (ended["status"], ended["live"]) == ("completed", True)
    assert set(statuses(ended).values()) == {"completed"}
    assert ended["finished_at"]


@pytest.mark.usefixtures("worker")
async def test_actions_stand_in_the_order_of_the_graph(api, run):
    names = ["z", "m", "a", "k"]
    execution_id, handle = await run(api.chain(*(api.node(name) for name in names)))
    await handle.result()
    shown = await api.execution(execution_id)
    assert [action["name"] for action in shown["actions"]] == names


@pytest.mark.usefixtures("worker")
async def test_an_action_that_is_tried_again_shows_its_attempt_and_its_last_failure(
    api, run, gates, until
):
    graph = api.chain(api.node("A", fail_attempts=1, gate="a"))
    graph["actions"][0]["limits"] = {"initial_interval": 0.01}
    execution_id, handle = await run(graph)
    await gates.entered["a"].wait()
    shown = await api.execution(execution_id)
    (action,) = shown["actions"]
    assert (action["status"], action["attempts"]) == ("running", 2)
    assert "attempt 1 fails" in action["last_failure"]
    gates.open["a"].set()
    await handle.result()
    (action,) = (await api.execution(execution_id))["actions"]
    assert (action["status"], action["attempts"], action["last_failure"]) == ("completed", 2, "")


@pytest.mark.usefixtures("worker")
async def test_a_failed_execution_says_what_failed_and_what_never_ran(api, run):
    graph = api.chain(api.node("A", refuse="no money"), api.node("B"))
    execution_id, handle = await run(graph)
    with pytest.raises(WorkflowFailureError):
        await handle.result()
    shown = await api.execution(execution_id)
    assert shown["status"] == "failed"
    assert "'A' (gate)" in shown["error"]["message"]
    assert "no money" in shown["error"]["message"]
    assert statuses(shown) == {"A": "failed", "B": "blocked"}
    assert "no money" in shown["actions"][0]["error"]["message"]


async def test_without_a_worker_the_last_report_is_shown_and_said_to_be_old(
    api, executions, run, monkeypatch
):
    monkeypatch.setattr(observation, "CALL_SECONDS", 0.2)
    execution_id, handle = await run(api.chain(api.node("A"), api.node("B")))
    detail = await executions.get(execution_id)
    assert detail.execution.started_at is not None
    report = ExecutionRecord(
        execution_id=detail.execution.id,
        status="running",
        started_at=detail.execution.started_at,
        actions=[ActionState(action_id=api.action_id("A"), status="completed", result={"n": 1})],
    )
    await executions.record(report)
    shown = await api.execution(execution_id)
    assert (shown["status"], shown["live"]) == ("running", False)
    assert "no worker" in shown["live_reason"]
    assert statuses(shown) == {"A": "completed", "B": "unknown"}
    assert shown["actions"][0]["result"] == {"n": 1}
    drawn = (await api.http.get(f"/executions/{execution_id}/graph.mermaid")).text
    assert "class a1 completed" in drawn
    assert "class a0 unknown" in drawn
    await handle.terminate()


@pytest.mark.usefixtures("worker")
async def test_branches_in_child_workflows_are_shown_too(api, run, gates):
    length = 110
    branches = [[f"{branch}{n}" for n in range(length)] for branch in "xy"]
    nodes = [api.node(name) for name in (*branches[0], *branches[1], "end")]
    nodes[50] = api.node("x50", gate="x")
    edges = []
    for names in branches:
        edges.append(api.edge(None, names[0]))
        edges += [api.edge(*pair) for pair in pairwise(names)]
        edges.append(api.edge(names[-1], "end"))
    execution_id, handle = await run({"actions": nodes, "edges": edges})
    await gates.entered["x"].wait()
    shown = await api.execution(execution_id)
    assert shown["live"] is True
    seen = statuses(shown)
    assert (seen["x49"], seen["x50"], seen["x51"]) == ("completed", "running", "waiting")
    assert seen["end"] == "waiting"
    gates.open["x"].set()
    await handle.result()
    ended = await api.execution(execution_id)
    assert len(ended["actions"]) == 2 * length + 1
    assert all(action["status"] == "completed" for action in ended["actions"])
    assert all(action["started_at"] for action in ended["actions"])


@pytest.mark.usefixtures("worker")
async def test_a_terminated_workflow_is_noticed(api, run, gates):
    graph = api.chain(api.node("A", result={"n": 1}), api.node("B", gate="b"), api.node("C"))
    execution_id, handle = await run(graph)
    await gates.entered["b"].wait()
    await handle.terminate(reason="by the operator")
    shown = await api.execution(execution_id)
    assert shown["status"] == "failed"
    assert shown["error"]["type"] == "Terminated"
    assert "by the operator" in shown["error"]["message"]
    assert shown["finished_at"]
    assert shown["live"] is True
    assert statuses(shown) == {"A": "completed", "B": "failed", "C": "waiting"}
    assert shown["actions"][0]["result"] == {"n": 1}
    assert shown["actions"][1]["error"]["type"] == "Terminated"
    gates.open["b"].set()
    assert await api.execution(execution_id) == shown


async def test_a_terminated_workflow_is_noticed_without_a_worker_too(api, run, monkeypatch):
    monkeypatch.setattr(observation, "CALL_SECONDS", 0.2)
    execution_id, handle = await run(api.chain(api.node("A")))
    await handle.terminate()
    shown = await api.execution(execution_id)
    assert (shown["status"], shown["error"]["type"]) == ("failed", "Terminated")
    assert statuses(shown) == {"A": "unknown"}


async def test_a_workflow_that_ran_out_of_time_is_noticed(api, dispatches, client):
    await api.rule(api.chain(api.node("A")))
    (one,) = (await api.event())["executions"]
    await dispatches.mark_started(one["execution_id"])
    handle = await client.start_workflow(
        "Nobody",
        id=one["workflow_id"],
        task_queue="nobody",
        execution_timeout=timedelta(seconds=1),
    )
    with pytest.raises(WorkflowFailureError):
        await handle.result()
    shown = await api.execution(one["execution_id"])
    assert (shown["status"], shown["error"]["type"]) == ("timed_out", "TimedOut")


@pytest.mark.usefixtures("worker")
async def test_a_sweep_finds_what_ended_without_a_report(api, executions, sweeper, run, gates):
    first, handle = await run(api.chain(api.node("A", gate="a")))
    await gates.entered["a"].wait()
    assert await sweeper.sweep() == []
    await handle.terminate()
    assert await sweeper.sweep() == [first]
    stored = await executions.get(first)
    assert stored.execution.status == "failed"
    gates.open["a"].set()


@pytest.mark.usefixtures("worker")
async def test_a_sweeper_runs_until_it_is_told_to_stop(
    *, api, executions, sweeper, run, gates, until
):
    execution_id, handle = await run(api.chain(api.node("A", gate="a")))
    await gates.entered["a"].wait()
    await handle.terminate()
    stop = asyncio.Event()
    running = asyncio.create_task(sweeper.run(stop))
    await until(
        lambda: executions.get(execution_id),
        lambda detail: detail.execution.status == "failed",
    )
    stop.set()
    await running
    gates.open["a"].set()


async def test_an_execution_that_temporal_has_lost_has_failed(api, pool, run, client):
    execution_id, handle = await run(api.chain(api.node("A")))
    await handle.terminate()
    await pool.execute("UPDATE workflow.executions SET workflow_id = 'lost-' || workflow_id")
    shown = await api.execution(execution_id)
    assert (shown["status"], shown["error"]["type"]) == ("failed", "WorkflowLost")


async def test_an_unknown_namespace_does_not_count_as_lost(api, executions, run, client):
    _, handle = await run(api.chain(api.node("A")))
    configuration = client.config()
    configuration["namespace"] = "none"
    other = type(client)(**configuration)
    with pytest.raises(TemporalUnavailableError, match="none"):
        await observation.observe(other, handle.id)
    assert await Sweeper(executions, Reconciler(executions, other), 3_600).sweep() == []
    await handle.terminate()


@pytest.mark.usefixtures("worker")
async def test_a_running_execution_is_cancelled(api, run, gates, check_problem):
    graph = api.chain(api.node("A"), api.node("B", gate="b"), api.node("C"))
    execution_id, handle = await run(graph)
    await gates.entered["b"].wait()
    for _ in range(2):
        answer = await api.http.post(f"/executions/{execution_id}/cancel")
        assert answer.status_code == 202
    with pytest.raises(WorkflowFailureError):
        await handle.result()
    shown = await api.execution(execution_id)
    assert shown["status"] == "cancelled"
    assert statuses(shown)["A"] == "completed"
    again = await api.http.post(f"/executions/{execution_id}/cancel")
    assert (again.status_code, again.json()["status"]) == (202, "cancelled")


async def test_one_that_was_not_started_never_will_be(api, relay):
    await api.rule(api.chain(api.node("A")))
    (one,) = (await api.event())["executions"]
    for _ in range(2):
        answer = await api.http.post(f"/executions/{one['execution_id']}/cancel")
        assert (answer.status_code, answer.json()["status"]) == (202, "cancelled")
    assert await relay.start_due() == 0
    shown = await api.execution(one["execution_id"])
    assert shown["status"] == "cancelled"
    assert statuses(shown) == {"A": "waiting"}


@pytest.mark.usefixtures("worker")
async def test_one_that_has_ended_is_not_cancelled_and_its_end_is_named(api, run, check_problem):
    execution_id, handle = await run(api.chain(api.node("A")))
    await handle.result()
    answer = await api.http.post(f"/executions/{execution_id}/cancel")
    assert "completed" in check_problem(answer, 409, "already-ended")["detail"]


@pytest.mark.usefixtures("worker")
async def test_one_that_ended_without_a_report_is_not_cancelled_either(
    api, run, gates, check_problem
):
    execution_id, handle = await run(api.chain(api.node("A", gate="a")))
    await gates.entered["a"].wait()
    await handle.terminate()
    answer = await api.http.post(f"/executions/{execution_id}/cancel")
    assert "failed" in check_problem(answer, 409, "already-ended")["detail"]
    gates.open["a"].set()


async def test_executions_are_listed_in_pages_and_filtered(api, pool):
    await api.rule(api.chain(api.node("A")), name="orders")
    rule_id = await api.rule(api.chain(api.node("A")), name="bills", trigger_entity="bill")
    events = [await api.event(entity_id=f"o{n}") for n in range(5)]
    bill = await api.event(entity_name="bill", entity_id="b1")
    executions = [event["executions"][0]["execution_id"] for event in (*events, bill)]
    await ExecutionStore(pool).set_status(executions[0], "completed")
    await ExecutionStore(pool).set_status(executions[1], "failed")

    async def listed(**parameters):
        page = (await api.http.get("/executions", params=parameters)).json()
        return [item["id"] for item in page["items"]], page["next_cursor"]

    assert (await listed())[0] == executions[::-1]
    assert (await listed(rule_id=rule_id))[0] == [executions[5]]
    assert (await listed(event_id=events[2]["event_id"]))[0] == [executions[2]]
    assert (await listed(entity_name="order", entity_id="o3"))[0] == [executions[3]]
    assert (await listed(status="completed"))[0] == [executions[0]]
    assert (await listed(status=["failed", "completed"]))[0] == [executions[1], executions[0]]
    created = (await api.execution(executions[2]))["created_at"]
    assert (await listed(created_after=created))[0] == executions[:1:-1]
    assert (await listed(created_before=created))[0] == [executions[1], executions[0]]
    naive = created.removesuffix("Z")
    assert (await listed(created_before=naive))[0] == [executions[1], executions[0]]

    for filters in ({}, {"status": ["pending", "completed", "failed", "running"]}):
        found, cursor = await listed(limit=4, **filters)
        rest, end = await listed(limit=4, cursor=cursor, **filters)
        assert found + rest == executions[::-1]
        assert end is None
    exact, cursor = await listed(limit=2, status=["failed", "completed"])
    assert (exact, cursor) == ([executions[1], executions[0]], None)
