"""Approvals: opened once, decided, closed, withdrawn with their execution, listed for a person."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from ichor_core.contract import Approval, Approvers, Decision, ExecutionRecord
from ichor_core.errors import InvalidInputError, NotFoundError
from ichor_edgestore.approvals.records import ApprovalFilter

TIME = datetime(2026, 2, 28, 12, tzinfo=UTC)
RULE = str(UUID(int=7))
FORM = {"type": "object", "properties": {"limit": {"maximum": Decimal("0.1234567890123456789")}}}


def approval(**fields: object) -> Approval:
    given = {"id": str(uuid4()), "execution_id": str(uuid4()), "action_id": str(UUID(int=1))}
    given |= {"action_name": "ask", "workflow_id": "workflow-1", "deadline": TIME}
    return Approval(**given | fields)


@pytest.fixture
def opened(stores):
    """Store an approval with these fields."""

    async def opened(**fields: object) -> Approval:
        made = approval(**fields)
        await stores.approvals.open_approval(made, RULE)
        return made

    return opened


def decision(of: Approval, user: str = "ada", vote: str = "approved", **fields: object) -> Decision:
    return Decision(approval_id=of.id, vote=vote, user=user, **fields)


async def test_an_approval_is_stored_whole_and_once(stores) -> None:
    asked = approval(
        title="Buy?",
        message="日本 \\u0000",
        form=FORM,
        approvers=Approvers(("ada", "bob"), ("manager",)),
        policy="n_of",
        needed=2,
        requester="carl",
        allow_requester=True,
        reminders=[TIME],
    )
    await stores.approvals.open_approval(asked, RULE)
    stored = await stores.approvals.get(asked.id)
    # When to remind, and by which rules it is decided, only the workflow that waits must know.
    for name in set(Approval.__struct_fields__) - {"reminders", "rules"}:
        assert getattr(stored, name) == getattr(asked, name), name
    assert (stored.rule_id, stored.status, stored.closed_at) == (RULE, "pending", None)
    assert datetime.now(UTC) - stored.created_at < timedelta(minutes=1)
    asked.title = "Something else?"
    await stores.approvals.open_approval(asked, RULE)
    assert await stores.approvals.get(asked.id) == stored


async def test_an_approval_of_no_rule(stores) -> None:
    asked = approval()
    await stores.approvals.open_approval(asked, "")
    stored = await stores.approvals.get(asked.id)
    assert (stored.rule_id, stored.approvers, stored.form) == (None, Approvers(), {})


async def test_decisions_are_kept_in_order_and_the_last_one_closes(stores, opened) -> None:
    asked = await opened(policy="n_of", needed=2)
    first = decision(asked, comment="fine", roles=("cfo",), form={"n": 2**70}, decided_at=TIME)
    second = decision(asked, "bob", decided_at=TIME + timedelta(seconds=1))
    await stores.approvals.record_decision(first, "pending")
    pending = await stores.approvals.get(asked.id)
    assert (pending.status, pending.closed_at, pending.decisions) == ("pending", None, [first])
    await stores.approvals.record_decision(second, "approved")
    closed = await stores.approvals.get(asked.id)
    assert (closed.status, closed.decisions) == ("approved", [first, second])
    assert closed.closed_at is not None
    # Both again, as after a crash.
    await stores.approvals.record_decision(first, "pending")
    await stores.approvals.record_decision(second, "approved")
    assert await stores.approvals.get(asked.id) == closed


async def test_decisions_may_come_in_another_order(stores, opened) -> None:
    asked = await opened(policy="n_of", needed=2)
    first, second = (
        decision(asked, user, decided_at=TIME + timedelta(seconds=n))
        for n, user in enumerate(("zoe", "ada"))
    )
    await stores.approvals.record_decision(second, "approved")
    await stores.approvals.record_decision(first, "pending")
    stored = await stores.approvals.get(asked.id)
    assert (stored.status, stored.decisions) == ("approved", [first, second])


async def test_a_user_decides_once(stores, opened) -> None:
    asked = await opened()
    await asyncio.gather(
        *(
            stores.approvals.record_decision(decision(asked, comment=f"{n}"), "approved")
            for n in range(5)
        )
    )
    stored = await stores.approvals.get(asked.id)
    assert [one.user for one in stored.decisions] == ["ada"]
    assert stored.decisions[0].decided_at is not None


async def test_a_decision_may_be_stored_after_the_end(stores, opened) -> None:
    asked = await opened(policy="n_of", needed=2)
    await stores.executions.record(
        ExecutionRecord(execution_id=asked.execution_id, status="completed", started_at=TIME)
    )
    await stores.approvals.record_decision(decision(asked), "pending")
    assert (await stores.approvals.get(asked.id)).status == "withdrawn"
    await stores.approvals.record_decision(decision(asked, "bob"), "approved")
    stored = await stores.approvals.get(asked.id)
    assert (stored.status, len(stored.decisions)) == ("approved", 2)


@pytest.mark.parametrize("status", ["timed_out", "withdrawn"])
async def test_what_is_closed_stays_closed(stores, opened, status) -> None:
    asked = await opened()
    await stores.approvals.close_approval(asked.id, "pending")
    assert (await stores.approvals.get(asked.id)).closed_at is None
    await stores.approvals.close_approval(asked.id, status)
    closed = await stores.approvals.get(asked.id)
    assert (closed.status, closed.decisions) == (status, [])
    assert closed.closed_at is not None
    await stores.approvals.close_approval(asked.id, "approved")
    assert await stores.approvals.get(asked.id) == closed


async def test_what_is_not_there(stores) -> None:
    unknown = approval()
    with pytest.raises(NotFoundError, match=unknown.id):
        await stores.approvals.get(unknown.id)
    with pytest.raises(NotFoundError, match=unknown.id):
        await stores.approvals.record_decision(decision(unknown), "approved")
    await stores.approvals.close_approval(unknown.id, "withdrawn")
    assert (await stores.approvals.list()).items == []


@pytest.mark.parametrize("status", ["completed", "failed", "cancelled", "timed_out", "running"])
async def test_the_end_of_an_execution_withdraws(stores, opened, status) -> None:
    asked = await opened()
    done = await opened(execution_id=asked.execution_id)
    other = await opened()
    await stores.approvals.record_decision(decision(done), "approved")
    await stores.executions.record(
        ExecutionRecord(execution_id=asked.execution_id, status=status, started_at=TIME)
    )
    stored = await stores.approvals.get(asked.id)
    assert stored.status == ("pending" if status == "running" else "withdrawn")
    assert (stored.closed_at is None) == (status == "running")
    assert (await stores.approvals.get(done.id)).status == "approved"
    assert (await stores.approvals.get(other.id)).status == "pending"


async def test_a_corrected_status_withdraws(stores, opened, accept_event) -> None:
    (accepted,) = (await accept_event()).executions
    asked = await opened(execution_id=accepted.execution_id)
    await stores.executions.set_status(accepted.execution_id, "running")
    assert (await stores.approvals.get(asked.id)).status == "pending"
    await stores.executions.set_status(accepted.execution_id, "cancelled")
    assert (await stores.approvals.get(asked.id)).status == "withdrawn"


async def test_nothing_is_asked_for_an_execution_that_has_ended(stores, opened) -> None:
    execution_id = str(uuid4())
    await stores.executions.record(
        ExecutionRecord(execution_id=execution_id, status="running", started_at=TIME)
    )
    early = await opened(execution_id=execution_id)
    assert (await stores.approvals.get(early.id)).status == "pending"
    await stores.executions.record(
        ExecutionRecord(execution_id=execution_id, status="failed", started_at=TIME)
    )
    late = await opened(execution_id=execution_id)
    stored = await stores.approvals.get(late.id)
    assert stored.status == "withdrawn"
    assert stored.closed_at is not None


async def test_approvals_are_listed_in_pages_the_newest_first(stores, opened) -> None:
    asked = [await opened() for _ in range(5)]
    found, cursor = [], None
    while True:
        page = await stores.approvals.list(cursor=cursor, limit=2)
        found += page.items
        cursor = page.next_cursor
        if cursor is None:
            break
    assert [one.id for one in found] == [one.id for one in asked[::-1]]
    with pytest.raises(InvalidInputError):
        await stores.approvals.list(cursor="x")
    with pytest.raises(InvalidInputError):
        await stores.approvals.list(limit=0)


async def test_approvals_are_found_by_who_may_decide(stores, opened) -> None:
    asked = {
        "everybody": await opened(),
        "ada": await opened(approvers=Approvers(users=("ada",))),
        "managers": await opened(approvers=Approvers(roles=("manager", "cfo"))),
        "both": await opened(approvers=Approvers(("bob",), ("manager",))),
        "adas own": await opened(requester="ada"),
        "adas own, allowed": await opened(requester="ada", allow_requester=True),
        "decided by ada": await opened(policy="n_of", needed=2),
    }
    by_id = {one.id: name for name, one in asked.items()}
    await stores.approvals.record_decision(decision(asked["decided by ada"]), "pending")

    async def found(**fields: object) -> set[str]:
        page = await stores.approvals.list(ApprovalFilter(**fields))
        return {by_id[one.id] for one in page.items}

    open_to_all = {"everybody", "adas own, allowed"}
    assert await found() == set(asked)
    assert await found(user="ada") == open_to_all | {"ada"}
    assert await found(user="ada", roles=("cfo",)) == open_to_all | {"ada", "managers"}
    everything = set(asked) - {"ada"}
    assert await found(user="bob", roles=("manager",)) == everything
    assert await found(user="zoe") == everything - {"managers", "both"}
    assert await found(roles=("manager", "x")) == everything
    assert await found(roles=("x",)) == everything - {"managers", "both"}
    await stores.approvals.record_decision(decision(asked["decided by ada"], "bob"), "approved")
    assert await found(user="ada", status="approved") == {"decided by ada"}


async def test_approvals_are_found_by_status_and_execution(stores, opened) -> None:
    first, second = await opened(), await opened()
    await stores.approvals.close_approval(second.id, "timed_out")

    async def found(**fields: object) -> list[str]:
        page = await stores.approvals.list(ApprovalFilter(**fields))
        return [one.id for one in page.items]

    assert await found(status="pending") == [first.id]
    assert await found(status="timed_out") == [second.id]
    assert await found(status="approved") == []
    assert await found(execution_id=first.execution_id) == [first.id]
    assert await found(execution_id=first.execution_id, status="timed_out") == []


async def test_who_may_decide_is_answered_from_what_is_stored(stores, opened) -> None:
    asked = await opened(approvers=Approvers(users=("ada", "bob")), requester="bob")
    stored = await stores.approvals.get(asked.id)
    assert stored.why_not(decision(asked)) is None
    assert "among" in stored.why_not(decision(asked, "zoe"))
    assert "requested" in stored.why_not(decision(asked, "bob"))
    await stores.approvals.record_decision(decision(asked), "approved")
    assert "already" in (await stores.approvals.get(asked.id)).why_not(decision(asked))
