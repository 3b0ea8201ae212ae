"""People and days: decisions that come late or never, long delays, many answers at once.

Time is skipped by Temporal's test server, which stands still only while something runs.
"""

import asyncio
import shutil
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowUpdateFailedError
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from ichor_core.contract import DECIDE_UPDATE, Decision, DecisionResult
from ichor_core.graph import GraphDefinition
from ichor_core.ids import ExecutionId
from ichor_edgestore.approvals import ApprovalFilter, StoredApproval
from ichor_runtime.temporal import data_converter
from tests.kit.engine import Engine, Run
from tests.kit.shapes import chain, edge, node, uid

ASK = GraphDefinition(
    [
        node(1, "approval_request", title="Ship it?", requester="carl", reminders=["P2D", "P5D"]),
        node(2),
        node(3),
    ],
    [edge(None, 1), edge(1, 2, "true_branch"), edge(1, 3, "false_branch")],
)


def worker(engine: Engine) -> Worker:
    """Return a worker without a cache: the test server waits for one that is gone."""
    return engine.worker({"task": "local"}, max_cached_workflows=0)


@pytest.fixture
async def skipping() -> AsyncIterator[WorkflowEnvironment]:
    """Give a server that skips time; its program is in the environment's folder of scripts.

    One for each test: its clock begins with that of the worker, from which deadlines are counted,
    and is years ahead in the end.
    """
    program = shutil.which("temporal-test-server", path=Path(sys.executable).parent)
    environment = await WorkflowEnvironment.start_time_skipping(
        data_converter=data_converter, test_server_existing_path=program
    )
    async with environment:
        yield environment


@pytest.fixture
def engine(skipping: WorkflowEnvironment) -> Engine:
    """Give an engine whose worker the test starts and stops."""
    return Engine(skipping.client)


async def asked(engine: Engine, run: Run) -> StoredApproval:
    """Wait until somebody is asked, and the workflow waits for the answer."""
    mine = ApprovalFilter(execution_id=ExecutionId(run.handle.id.removeprefix("test-")))
    while not (found := (await engine.approvals.list(mine)).items):
        await asyncio.sleep(0.01)
    approval = found[0]
    while True:
        try:
            await decide(run, approval, "carl", "approved")
        except WorkflowUpdateFailedError as error:
            if error.cause.type == "DecisionNotAllowed":  # the requester's own
                return approval


async def started_timer(run: Run) -> None:
    """Wait until the workflow waits for a time."""
    while True:
        events = (await run.handle.fetch_history()).events
        if any(event.event_type == EventType.EVENT_TYPE_TIMER_STARTED for event in events):
            return


async def decide(run: Run, approval: StoredApproval, user: str, vote: str) -> DecisionResult:
    decision = Decision(approval_id=approval.id, vote=vote, user=user)
    return await run.handle.execute_update(DECIDE_UPDATE, decision, result_type=DecisionResult)


async def test_decided_on_day_six(engine, skipping):
    async with worker(engine):
        run = await engine.start(ASK)
        approval = await asked(engine, run)
        await skipping.sleep(timedelta(days=4))
    async with worker(engine):
        await skipping.sleep(timedelta(days=2))
        assert (await engine.approvals.get(approval.id)).status == "pending"
        assert (await decide(run, approval, "ann", "approved")).status == "approved"
        assert (await run.handle.result()).status == "completed"
    run.log.check(ASK, {uid(2)})
    stored = await engine.approvals.get(approval.id)
    assert (stored.status, [one.user for one in stored.decisions]) == ("approved", ["ann"])
    after = stored.decisions[0].decided_at - stored.created_at
    assert timedelta(days=6) <= after < timedelta(days=6, hours=1)
    assert [alert.title for alert in engine.alerts] == ["Reminder: Ship it?"] * 2


async def test_timed_out_on_day_seven(engine, skipping):
    async with worker(engine):
        run = await engine.start(ASK)
        approval = await asked(engine, run)
        await skipping.sleep(timedelta(days=3))
    async with worker(engine):
        await skipping.sleep(timedelta(days=3, hours=23))
        assert (await engine.approvals.get(approval.id)).status == "pending"
        began = await skipping.get_current_time() - timedelta(days=6, hours=23)
        assert (await run.handle.result()).status == "completed"
        waited = await skipping.get_current_time() - began
        assert timedelta(days=7) - timedelta(minutes=5) < waited < timedelta(days=7, hours=1)
        with pytest.raises(RPCError):
            await decide(run, approval, "ann", "approved")
    run.log.check(ASK, {uid(3)})
    result = run.log.states()[uid(1)].result
    assert (result["outcome"], result["branch_taken"]) == ("timed_out", "false_branch")
    assert (await engine.approvals.get(approval.id)).status == "timed_out"
    assert [alert.title for alert in engine.alerts] == ["Reminder: Ship it?"] * 2


async def test_a_delay_of_thirty_days(engine, skipping):
    graph = chain(node(1), node(2, "delay", **{"for": "P30D"}), node(3))
    async with worker(engine):
        began = await skipping.get_current_time()
        run = await engine.start(graph)
        await started_timer(run)
        await skipping.sleep(timedelta(days=29))
        assert uid(3) not in run.log.started
    async with worker(engine):
        assert (await run.handle.result()).status == "completed"
    assert await skipping.get_current_time() - began >= timedelta(days=30)
    run.log.check(graph, {uid(1), uid(3)})
    result = run.log.states()[uid(2)].result
    assert result["waited"] == 30 * 24 * 3600
    assert datetime.fromisoformat(result["until"]) > datetime.now(UTC) + timedelta(days=29)


async def test_only_what_follows_from_the_decision_that_counts_runs(start_engine):
    """The server may drop a decision that a worker has taken, and let another one through."""
    engine = await start_engine(task="local")
    for _ in range(3):
        run = await engine.start(ASK)
        approval = await asked(engine, run)
        answers = await asyncio.gather(
            *(
                decide(run, approval, f"user {n}", ("approved", "rejected")[n % 2])
                for n in range(20)
            ),
            return_exceptions=True,
        )
        (taken,) = [one for one in answers if isinstance(one, DecisionResult)]
        await run.handle.result()
        # An attempt may be repeated, when the task that it ran in is dropped.
        assert set(run.log.started) == {uid(2 if taken.status == "approved" else 3)}
        stored = await engine.approvals.get(approval.id)
        assert (stored.status, len(stored.decisions)) == (taken.status, 1)
