"""Approvals that nobody decides: withdrawn, too late, or while something is away."""

import pytest
from temporalio.client import Client
from temporalio.envconfig import ClientConfigProfile
from temporalio.service import RPCError

from ichor_devstack.ports import free_port
from ichor_engine.approvals import decision as decision_module
from ichor_runtime.temporal import lazy_client

pytestmark = pytest.mark.servers


@pytest.mark.usefixtures("worker")
async def test_a_cancellation_withdraws(ask, until, check_problem):
    asked = await ask()
    cancelled = await asked.http.post(f"/executions/{asked.execution_id}/cancel")
    assert cancelled.status_code == 202
    withdrawn = await until(asked.read, lambda one: one["status"] != "pending")
    assert withdrawn["status"] == "withdrawn"
    document = check_problem(await asked.decide(), 409, "already-decided")
    assert [one["code"] for one in document["errors"]] == ["withdrawn"]
    shown = await asked.api.execution(asked.execution_id)
    errors = {action["name"]: action["error"] for action in shown["actions"]}
    said = ("the execution was cancelled", "Cancelled")
    assert (errors["ask"]["message"], errors["ask"]["type"]) == said
    assert (errors["yes"], errors["no"]) == (None, None)


@pytest.mark.usefixtures("worker")
async def test_what_a_terminated_workflow_asked_is_withdrawn(ask, check_problem):
    asked = await ask()
    await asked.workflow.terminate("a test")
    document = check_problem(await asked.decide(), 409, "already-decided")
    assert [one["code"] for one in document["errors"]] == ["withdrawn"]
    assert (await asked.read())["status"] == "withdrawn"
    assert (await asked.api.execution(asked.execution_id))["status"] == "failed"


@pytest.mark.usefixtures("worker")
async def test_time_runs_out(ask, until, check_problem):
    asked = await ask(deadline=0.5)
    closed = await until(asked.read, lambda one: one["status"] != "pending")
    assert (closed["status"], closed["decisions"]) == ("timed_out", [])
    document = check_problem(await asked.decide(), 409, "already-decided")
    assert document["detail"] == f"approval {asked.id} is timed out already"
    actions = await asked.results()
    assert actions["ask"]["result"]["outcome"] == "timed_out"
    assert (actions["no"]["status"], actions["yes"]["status"]) == ("completed", "skipped")


@pytest.mark.usefixtures("worker")
async def test_a_reminder_is_an_alert(ask, until):
    asked = await ask(reminders=[0.2, 0.4], approvers={"users": ["ada"]})
    query = {"execution_id": asked.execution_id, "recipient": "ada", "severity": "warning"}

    async def alerts():
        return (await asked.http.get("/alerts", params=query)).json()["items"]

    found = await until(alerts, lambda items: len(items) == 2)
    assert [one["title"] for one in found] == ["Reminder: Buy it?"] * 2
    assert [one["details"]["approval_id"] for one in found] == [asked.id] * 2
    assert (await asked.decide()).status_code == 200


async def test_no_worker_answers(make_worker, ask, check_problem, monkeypatch):
    async with make_worker():
        asked = await ask()
    monkeypatch.setattr(decision_module, "DECIDE_SECONDS", 0.3)
    answer = await asked.decide()
    check_problem(answer, 503, "unavailable")
    assert answer.headers["retry-after"] == "5"
    assert (await asked.read())["status"] == "pending"
    monkeypatch.undo()
    async with make_worker():
        # What was sent first may arrive after all; the same person is not counted twice.
        again = await asked.decide()
        assert again.status_code in (200, 409)
        result = (await asked.results())["ask"]["result"]
    assert (result["outcome"], len(result["decisions"])) == ("approved", 1)


@pytest.mark.usefixtures("worker")
async def test_temporal_is_away(ask, pool, unreachable, open_api, check_problem):
    asked = await ask()
    async with open_api(pool, unreachable) as api:
        body = {"user": "ada", "vote": "approved"}
        answer = await api.http.post(f"/approvals/{asked.id}/decision", json=body)
        check_problem(answer, 503, "unavailable")
        assert answer.headers["retry-after"] == "5"
        # What waits for people is known all the same, and nothing is said of the rest.
        shown = await api.execution(asked.execution_id)
        assert shown["live"] is False
        statuses = {action["name"]: action["status"] for action in shown["actions"]}
        assert statuses == {"ask": "running", "yes": "unknown", "no": "unknown"}
    assert (await asked.decide()).json()["status"] == "approved"


@pytest.fixture
async def unreachable() -> Client:
    """A client of a server that is not there."""
    client = await lazy_client(ClientConfigProfile(address=f"127.0.0.1:{free_port()}"))
    with pytest.raises((RPCError, RuntimeError)):
        await client.get_workflow_handle("x").describe()
    return client
