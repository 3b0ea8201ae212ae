"""Decisions are refused before any workflow is asked; without servers."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from temporalio.envconfig import ClientConfigProfile

from ichor_core.contract import Approval, Approvers, Decision
from ichor_core.errors import NotFoundError
from ichor_devstack.ports import free_port
from ichor_edgestore import memory
from ichor_engine import (
    AlreadyDecidedError,
    Decider,
    InvalidFormError,
    NotPermittedError,
    Reconciler,
    TemporalUnavailableError,
)
from ichor_runtime.temporal import lazy_client


@pytest.fixture
def approvals():
    return memory.MemoryApprovalStore(memory.MemoryState())


@pytest.fixture
async def decide(approvals):
    """Give a function that decides an approval of ada's; no Temporal server is there."""
    executions = memory.MemoryExecutionStore(memory.MemoryState())
    client = await lazy_client(ClientConfigProfile(address=f"127.0.0.1:{free_port()}"))
    decider = Decider(approvals, executions, Reconciler(executions, client), client)
    approval = Approval(
        id=str(uuid4()),
        execution_id=str(uuid4()),
        action_id=str(uuid4()),
        action_name="ask",
        workflow_id="w",
        approvers=Approvers(users=("ada",)),
        form={"type": "object", "required": ["limit"]},
        deadline=datetime.now(UTC) + timedelta(days=1),
    )
    await approvals.open_approval(approval, "")

    async def decide(id: str = approval.id, user: str = "ada", **form):
        return await decider.decide(Decision(approval_id=id, vote="approved", user=user, form=form))

    return decide


async def test_an_unknown_approval(decide):
    with pytest.raises(NotFoundError):
        await decide(id=str(uuid4()))


async def test_a_user_who_is_no_approver(decide):
    with pytest.raises(NotPermittedError, match="'zoe' is not among the approvers"):
        await decide(user="zoe", limit=1)


async def test_a_form_that_is_not_filled_in(decide):
    with pytest.raises(InvalidFormError) as caught:
        await decide()
    assert caught.value.faults == [("$.form", "'limit' is a required property")]


async def test_a_closed_approval(decide, approvals):
    page = await approvals.list()
    await approvals.close_approval(page.items[0].id, "timed_out")
    with pytest.raises(AlreadyDecidedError, match="is timed out already") as caught:
        await decide(limit=1)
    assert caught.value.status == "timed_out"


async def test_temporal_is_away(decide):
    with pytest.raises(TemporalUnavailableError, match="could not be confirmed"):
        await decide(limit=1)
