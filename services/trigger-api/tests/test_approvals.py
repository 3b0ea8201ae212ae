"""People decide through the service what a real workflow waits for."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID, uuid4

import httpx
import pytest
from temporalio.client import Client
from temporalio.envconfig import ClientConfigProfile
from temporalio.service import RPCError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from ichor_activities import ActionActivities, ApprovalActivities, RecordingActivities
from ichor_core.approval import Approval, Approvers
from ichor_core.contract import TASK_QUEUE
from ichor_devstack.ports import free_port
from ichor_edgestore.effects import EffectStore
from ichor_runtime.temporal import lazy_client
from ichor_trigger_api import decision as decision_module
from ichor_trigger_api.parts import make_parts
from ichor_trigger_api.relay import Relay
from ichor_workflows import WORKFLOWS

pytestmark = pytest.mark.servers

DEADLINE = datetime(2026, 2, 28, tzinfo=UTC)


@pytest.fixture
def make_worker(parts, pool, client, gates):
    """Return a function that makes a worker that can also ask people."""

    def make_worker() -> Worker:
        registry = gates.registry()
        running = ActionActivities(registry, parts.values, parts.executions)
        recording = RecordingActivities(parts.executions, parts.values)
        effects = EffectStore(pool, {})
        asking = ApprovalActivities(registry, parts.values, parts.approvals, effects)
        return Worker(
            client,
            task_queue=TASK_QUEUE,
            workflows=WORKFLOWS,
            activities=[
                running.execute_action,
                recording.record_execution,
                recording.offload_results,
                asking.open_approval,
                asking.record_decision,
                asking.close_approval,
                asking.remind_approvers,
            ],
            workflow_runner=UnsandboxedWorkflowRunner(),
        )

    return make_worker


@pytest.fixture
async def worker(make_worker):
    async with make_worker() as worker:
        yield worker


class Asked:
    """An execution that waits for people, and its approval."""

    def __init__(self, api, client, started, approval) -> None:
        self.http = api.http
        self.api = api
        self.execution_id = started["execution_id"]
        self.workflow = client.get_workflow_handle(started["workflow_id"])
        self.id = approval["id"]
        self.approval = approval

    async def decide(self, user: str = "ada", vote: str = "approved", **fields) -> httpx.Response:
        body = {"user": user, "vote": vote, **fields}
        return await self.http.post(f"/approvals/{self.id}/decision", json=body)

    async def read(self) -> dict:
        return (await self.http.get(f"/approvals/{self.id}")).json()

    async def results(self) -> dict:
        """Wait for the end, and return the actions by name."""
        await self.workflow.result()
        shown = await self.api.execution(self.execution_id)
        assert shown["status"] == "completed"
        return {action["name"]: action for action in shown["actions"]}


@pytest.fixture
def ask(api, parts, client, until):
    """Return a function that starts an execution and returns it once it asks."""

    async def ask(**config) -> Asked:
        question = api.node("ask", "approval_request", title="Buy {{thing}}?", **config)
        graph = {
            "actions": [question, api.node("yes"), api.node("no")],
            "edges": [
                api.edge(None, "ask"),
                api.edge("ask", "yes", "true_branch"),
                api.edge("ask", "no", "false_branch"),
            ],
        }
        rule_id = await api.rule(graph)
        (started,) = [
            one
            for one in (await api.event(data={"thing": "it"}))["executions"]
            if one["rule_id"] == rule_id
        ]
        await Relay(parts).start_due()
        query = {"execution_id": started["execution_id"]}
        listed = await until(
            lambda: api.http.get("/approvals", params=query), lambda page: page.json()["items"]
        )
        (approval,) = listed.json()["items"]
        return Asked(api, client, started, approval)

    return ask


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize(
    ("vote", "taken", "skipped"), [("approved", "yes", "no"), ("rejected", "no", "yes")]
)
async def test_a_decision_takes_a_branch(ask, vote, taken, skipped):
    form = {"type": "object", "properties": {"limit": {"type": "number"}}, "required": ["limit"]}
    asked = await ask(message="please", form=form, requester="carl")
    assert (asked.approval["title"], asked.approval["status"]) == ("Buy it?", "pending")
    assert asked.approval["form"] == form
    answer = await asked.decide("ada", vote, comment="fine", form={"limit": 2.5}, roles=["cfo"])
    assert answer.status_code == 200
    decided = answer.json()
    assert (decided["status"], decided["id"]) == (vote, asked.id)
    (one,) = decided["decisions"]
    assert (one["user"], one["vote"], one["comment"]) == ("ada", vote, "fine")
    assert one["roles"] == ["cfo"]
    assert await asked.read() == decided
    actions = await asked.results()
    result = actions["ask"]["result"]
    assert (result["outcome"], result["decided_by"]) == (vote, "ada")
    assert result["form"] == {"limit": 2.5}
    assert result["approval_id"] == asked.id
    assert (actions[taken]["status"], actions[skipped]["status"]) == ("completed", "skipped")


@pytest.mark.usefixtures("worker")
async def test_a_second_decision_is_refused(ask, check_problem):
    asked = await ask()
    assert (await asked.decide()).status_code == 200
    for user in ("ada", "bob"):
        document = check_problem(await asked.decide(user, "rejected"), 409, "already-decided")
        assert document["detail"] == f"approval {asked.id} is approved already"
        assert [one["code"] for one in document["errors"]] == ["approved"]
    assert [one["user"] for one in (await asked.read())["decisions"]] == ["ada"]


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize("same_user", [True, False])
async def test_of_twenty_at_the_same_time_one_is_taken(ask, same_user):
    asked = await ask()
    answers = await asyncio.gather(
        *(
            asked.decide("ada" if same_user else f"user {n}", ("approved", "rejected")[n % 2])
            for n in range(20)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200, *[409] * 19]
    (taken,) = [answer.json() for answer in answers if answer.status_code == 200]
    status = taken["status"]
    refused = [answer.json() for answer in answers if answer.status_code == 409]
    assert {one["errors"][0]["code"] for one in refused} == {status}
    stored = await asked.read()
    assert (stored["status"], len(stored["decisions"])) == (status, 1)
    assert (await asked.results())["ask"]["result"]["outcome"] == status


@pytest.mark.usefixtures("worker")
async def test_several_must_approve(ask, check_problem):
    asked = await ask(policy="n_of", needed=2)
    first = (await asked.decide("ada")).json()
    assert (first["status"], first["closed_at"]) == ("pending", None)
    document = check_problem(await asked.decide("ada"), 409, "already-decided")
    assert document["detail"] == "'ada' has decided already"
    assert [one["code"] for one in document["errors"]] == ["pending"]
    assert (await asked.decide("bob")).json()["status"] == "approved"
    result = (await asked.results())["ask"]["result"]
    assert [one["user"] for one in result["decisions"]] == ["ada", "bob"]


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize(
    ("votes", "statuses"),
    [
        (["approved", "approved"], ["pending", "approved"]),
        (["approved", "rejected"], ["pending", "rejected"]),
        (["rejected"], ["rejected"]),
    ],
)
async def test_all_must_approve(ask, votes, statuses):
    asked = await ask(policy="all", approvers={"users": ["ada", "bob"]})
    seen = [
        (await asked.decide(user, vote)).json()["status"]
        for user, vote in zip(("bob", "ada"), votes, strict=False)
    ]
    assert seen == statuses
    assert (await asked.results())["ask"]["result"]["outcome"] == statuses[-1]


@pytest.mark.usefixtures("worker")
async def test_who_may_decide(ask, check_problem):
    approvers = {"users": ["ada", "carl"], "roles": ["manager"]}
    asked = await ask(approvers=approvers, requester="carl")
    check_problem(await asked.decide("carl"), 403, "not-allowed")
    asks = "'zoe' is not among the approvers: it asks the users ada, carl and the roles manager"
    document = check_problem(await asked.decide("zoe"), 403, "not-allowed")
    assert document["detail"] == f"{asks}; no roles were given"
    document = check_problem(await asked.decide("zoe", roles=["clerk", "x"]), 403, "not-allowed")
    assert document["detail"] == f"{asks}; the roles clerk, x were given"
    assert (await asked.read())["decisions"] == []
    assert (await asked.decide("zoe", roles=["clerk", "manager"])).status_code == 200


@pytest.mark.usefixtures("worker")
async def test_a_requester_may_be_allowed(ask):
    asked = await ask(requester="carl", allow_requester=True)
    assert (await asked.decide("carl")).json()["status"] == "approved"


@pytest.mark.usefixtures("worker")
async def test_a_form_is_filled_in_as_it_asks(ask, check_problem):
    form = {
        "type": "object",
        "required": ["limit"],
        "properties": {
            "limit": {"type": "number", "maximum": 10},
            "until": {"type": "string", "format": "date"},
        },
        "additionalProperties": False,
    }
    asked = await ask(form=form)
    filled = {"limit": 11, "until": "soon"}
    document = check_problem(await asked.decide(form=filled), 422, "invalid-form")
    assert [one["path"] for one in document["errors"]] == ["$.form.limit", "$.form.until"]
    document = check_problem(await asked.decide(), 422, "invalid-form")
    assert "'limit' is a required property" in document["detail"]
    check_problem(await asked.decide(form={"limit": 1, "other": 1}), 422, "invalid-form")
    exact = '{"user": "ada", "vote": "approved", "form": {"limit": 0.12345678901234567890}}'
    path = f"/approvals/{asked.id}/decision"
    headers = {"content-type": "application/json"}
    answer = await asked.http.post(path, content=exact, headers=headers)
    assert answer.status_code == 200
    assert "0.12345678901234567890" in answer.text


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"user": "ada"}, "$"),
        ({"user": "ada", "vote": "maybe"}, "$.vote"),
        ({"user": "", "vote": "approved"}, "$.user"),
        ({"user": "ada", "vote": "approved", "role": "x"}, "$"),
        ({"user": "ada", "vote": "approved", "form": []}, "$.form"),
    ],
)
async def test_a_body_that_is_none_is_refused(api, check_problem, body, path):
    answer = await api.http.post(f"/approvals/{uuid4()}/decision", json=body)
    document = check_problem(answer, 422, "invalid-value")
    assert document["errors"][0]["path"] == path


async def test_what_is_not_there(api, check_problem):
    path = f"/approvals/{uuid4()}"
    check_problem(await api.http.get(path), 404, "not-found")
    body = {"user": "ada", "vote": "approved"}
    check_problem(await api.http.post(f"{path}/decision", json=body), 404, "not-found")
    check_problem(await api.http.get("/approvals/7"), 404, "not-found")


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
    async with open_api(make_parts(pool, unreachable)) as api:
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


class TestLists:
    @pytest.fixture
    async def stored(self, parts):
        """Store approvals that nothing waits for; return their ids by name."""
        asked = {
            "first": {"approvers": Approvers(users=("ada",))},
            "second": {"approvers": Approvers(roles=("manager",))},
            "third": {},
        }
        ids = {}
        for n, (name, fields) in enumerate(asked.items()):
            given = {"execution_id": str(UUID(int=n)), "action_id": str(UUID(int=9))}
            given |= {"id": str(uuid4()), "action_name": name, "workflow_id": "w"}
            approval = Approval(**given | fields, deadline=DEADLINE)
            await parts.approvals.open_approval(approval, "")
            ids[name] = approval.id
        await parts.approvals.close_approval(ids["third"], "timed_out")
        return ids

    async def found(self, api, query: str) -> list[str]:
        answer = await api.http.get(f"/approvals{query}")
        assert answer.status_code == 200, answer.text
        return [one["action_name"] for one in answer.json()["items"]]

    @pytest.mark.usefixtures("stored")
    async def test_filters(self, api):
        assert await self.found(api, "") == ["second", "first"]
        assert await self.found(api, "?status=all") == ["third", "second", "first"]
        assert await self.found(api, "?status=timed_out") == ["third"]
        assert await self.found(api, "?user=ada") == ["first"]
        assert await self.found(api, "?user=ada&role=clerk&role=manager") == ["second", "first"]
        assert await self.found(api, "?role=manager") == ["second"]
        assert await self.found(api, "?user=bob") == []
        assert await self.found(api, f"?execution_id={UUID(int=0)}") == ["first"]

    @pytest.mark.usefixtures("stored")
    async def test_pages(self, api):
        page = (await api.http.get("/approvals?limit=1")).json()
        assert [one["action_name"] for one in page["items"]] == ["second"]
        cursor = page["next_cursor"]
        page = (await api.http.get(f"/approvals?limit=1&cursor={cursor}")).json()
        assert [one["action_name"] for one in page["items"]] == ["first"]
        assert page["next_cursor"] is None

    @pytest.mark.parametrize(
        "query",
        [
            "?status=open",
            "?execution_id=7",
            "?cursor=x",
            "?limit=0",
            "?user=%00",
            "?role=a&role=%00",
        ],
    )
    async def test_what_cannot_be_used_is_refused(self, api, check_problem, query):
        check_problem(await api.http.get(f"/approvals{query}"), 400, "invalid-request")
