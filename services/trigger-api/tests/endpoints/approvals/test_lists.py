"""Approvals as they are listed."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from ichor_core.contract import Approval, Approvers
from ichor_edgestore.approvals import PostgresApprovalStore

pytestmark = pytest.mark.servers

DEADLINE = datetime(2026, 2, 28, tzinfo=UTC)


@pytest.fixture
async def stored(pool):
    """Store approvals that nothing waits for; return their ids by name."""
    approvals = PostgresApprovalStore(pool)
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
        await approvals.open_approval(approval, "")
        ids[name] = approval.id
    await approvals.close_approval(ids["third"], "timed_out")
    return ids


async def found(api, query: str) -> list[str]:
    answer = await api.http.get(f"/approvals{query}")
    assert answer.status_code == 200, answer.text
    return [one["action_name"] for one in answer.json()["items"]]


@pytest.mark.usefixtures("stored")
async def test_filters(api):
    assert await found(api, "") == ["second", "first"]
    assert await found(api, "?status=all") == ["third", "second", "first"]
    assert await found(api, "?status=timed_out") == ["third"]
    assert await found(api, "?user=ada") == ["first"]
    assert await found(api, "?user=ada&role=clerk&role=manager") == ["second", "first"]
    assert await found(api, "?role=manager") == ["second"]
    assert await found(api, "?user=bob") == []
    assert await found(api, f"?execution_id={UUID(int=0)}") == ["first"]


@pytest.mark.usefixtures("stored")
async def test_pages(api):
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
async def test_what_cannot_be_used_is_refused(api, check_problem, query):
    check_problem(await api.http.get(f"/approvals{query}"), 400, "invalid-request")
