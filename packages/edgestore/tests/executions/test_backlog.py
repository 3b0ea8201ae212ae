import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from ichor_core.contract import Approval
from ichor_edgestore.executions.backlog import Backlog, PostgresBacklogStore

pytestmark = pytest.mark.servers

RULE = str(uuid4())
HOUR = timedelta(hours=1)


@pytest.fixture
def stores(database_stores):
    return database_stores


async def ask(stores, deadline: datetime) -> Approval:
    asked = Approval(
        id=str(uuid4()),
        execution_id=str(uuid4()),
        action_id=str(uuid4()),
        action_name="ask",
        workflow_id="workflow-1",
        deadline=deadline,
    )
    await stores.approvals.open_approval(asked, RULE)
    return asked


async def test_nothing_waits(pool):
    assert await PostgresBacklogStore(pool).count() == Backlog(0, 0, 0, 0, 0)


async def test_executions_wait_until_they_are_started(stores, pool, accept_event):
    waiting = PostgresBacklogStore(pool)
    events = [await accept_event() for _ in range(3)]
    await pool.execute(
        "UPDATE workflow.dispatches SET created_at = now() - interval '1 hour'"
        " WHERE execution_id = $1",
        events[1].executions[0].execution_id,
    )
    seen = await waiting.count()
    assert seen.dispatches == 3
    assert 3_600 <= seen.oldest_dispatch_seconds < 3_700
    for event in events[1:]:
        await stores.dispatches.mark_started(event.executions[0].execution_id)
    seen = await waiting.count()
    assert seen.dispatches == 1
    assert 0 <= seen.oldest_dispatch_seconds < 3_600


async def test_approvals_wait_until_they_are_closed(stores, pool):
    waiting = PostgresBacklogStore(pool)
    now = datetime.now(UTC)
    in_time, late, closed = await asyncio.gather(
        ask(stores, now + HOUR), ask(stores, now - HOUR), ask(stores, now - HOUR)
    )
    await stores.approvals.close_approval(closed.id, "timed_out")
    seen = await waiting.count()
    assert (seen.approvals, seen.overdue_approvals) == (2, 1)
    assert seen.oldest_approval_seconds >= 0
    await stores.approvals.close_approval(late.id, "timed_out")
    await stores.approvals.close_approval(in_time.id, "withdrawn")
    assert await waiting.count() == Backlog(0, 0, 0, 0, 0)
