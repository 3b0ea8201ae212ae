"""Executions over HTTP: read, drawn, cancelled, listed."""

import pytest
from temporalio.client import WorkflowFailureError

from ichor_edgestore.executions import PostgresExecutionStore

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


@pytest.mark.usefixtures("worker")
async def test_one_that_has_ended_is_not_cancelled_and_its_end_is_named(api, run, check_problem):
    execution_id, handle = await run(api.chain(api.node("A")))
    await handle.result()
    answer = await api.http.post(f"/executions/{execution_id}/cancel")
    assert "completed" in check_problem(answer, 409, "already-ended")["detail"]


async def test_executions_are_listed_in_pages_and_filtered(api, pool):
    await api.rule(api.chain(api.node("A")), name="orders")
    rule_id = await api.rule(api.chain(api.node("A")), name="bills", trigger_entity="bill")
    events = [await api.event(entity_id=f"o{n}") for n in range(5)]
    bill = await api.event(entity_name="bill", entity_id="b1")
    executions = [event["executions"][0]["execution_id"] for event in (*events, bill)]
    await PostgresExecutionStore(pool).set_status(executions[0], "completed")
    await PostgresExecutionStore(pool).set_status(executions[1], "failed")

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
