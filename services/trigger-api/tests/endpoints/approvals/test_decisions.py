"""People decide through the service what a real workflow waits for."""

import asyncio
from uuid import uuid4

import pytest

pytestmark = pytest.mark.servers


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
    asks = "'zoe' is not among the approvers (users ada, carl; roles manager)"
    document = check_problem(await asked.decide("zoe"), 403, "not-allowed")
    assert document["detail"] == f"{asks}; roles given: none"
    document = check_problem(await asked.decide("zoe", roles=["clerk", "x"]), 403, "not-allowed")
    assert document["detail"] == f"{asks}; roles given: clerk, x"
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
