"""Approvals and delays: durable waits that hold nothing up."""

import asyncio
from uuid import uuid4

import pytest
from temporalio.client import WorkflowFailureError, WorkflowUpdateFailedError

from ichor_core.contract import (
    DECIDE_UPDATE,
    EXECUTION_STATE_QUERY,
    Decision,
    DecisionResult,
    ExecutionState,
    RunOptions,
    Vote,
)
from ichor_core.graph import GraphDefinition
from ichor_edgestore.approvals import StoredApproval
from tests.kit.engine import Engine, Run
from tests.kit.shapes import chain, edge, node, uid

NOBODY = "nobody"
"""The requester, who may not decide."""
EVERY_ACTION = RunOptions(continue_as_new_after_actions=1)


def ask(number: int, **config):
    """Return an action that asks people."""
    return node(number, "approval_request", **{"title": "Ship it?", "requester": NOBODY, **config})


ASK_AND_BRANCH = GraphDefinition(
    [node(1), ask(2, approvers={"users": ["ann", "bob"]}), node(3), node(4), node(5)],
    [
        edge(None, 1),
        edge(1, 2, "parallel"),
        edge(1, 5, "parallel"),
        edge(2, 3, "true_branch"),
        edge(2, 4, "false_branch"),
    ],
)


async def pending(engine: Engine, run: Run) -> StoredApproval:
    """Wait for the approval to be where people find it, and for the workflow to wait for it."""
    while not (items := (await engine.approvals.list()).items):
        await asyncio.sleep(0.01)
    while True:
        # It is stored a moment before the workflow waits: somebody who may not decide finds out.
        try:
            await decide(run, items[0].id, NOBODY)
        except WorkflowUpdateFailedError as error:
            if error.cause.type == "DecisionNotAllowed":
                return items[0]


async def decide(run: Run, approval_id: str, user: str, vote: Vote = "approved") -> DecisionResult:
    return await run.handle.execute_update(
        DECIDE_UPDATE,
        Decision(approval_id=approval_id, vote=vote, user=user),
        result_type=DecisionResult,
    )


@pytest.mark.parametrize("options", [RunOptions(), EVERY_ACTION], ids=["one run", "continued"])
@pytest.mark.parametrize(("vote", "ran"), [("approved", 3), ("rejected", 4)])
async def test_a_decision_takes_its_branch(start_engine, options, vote, ran):
    engine = await start_engine(task="local")
    run = await engine.start(ASK_AND_BRANCH, options=options)
    approval = await pending(engine, run)
    while uid(5) not in run.log.started:  # other branches go on
        await asyncio.sleep(0.01)
    answer = await decide(run, approval.id, "ann", vote)
    assert answer.status == vote
    assert (await run.handle.result()).status == "completed"
    assert sorted(run.log.started) == sorted([uid(1), uid(5), uid(ran)])
    state = run.log.states()[uid(2)]
    assert state.status == "completed"
    assert state.result["outcome"] == vote
    assert state.result["decided_by"] == "ann"
    if options is EVERY_ACTION:
        assert run.log.reports[-1].runs >= 3


async def test_only_one_of_many_decisions_counts(start_engine):
    engine = await start_engine(task="local")
    run = await engine.start(chain(node(1), ask(2)))
    approval = await pending(engine, run)
    answers = await asyncio.gather(
        *(decide(run, approval.id, f"user {n}") for n in range(20)), return_exceptions=True
    )
    taken = [answer for answer in answers if isinstance(answer, DecisionResult)]
    refused = [answer for answer in answers if isinstance(answer, BaseException)]
    assert len(taken) == 1
    await run.handle.result()
    assert len(refused) == 19
    stored = await engine.approvals.get(approval.id)
    assert len(stored.decisions) == 1


async def test_who_may_not_decide_is_refused(start_engine):
    engine = await start_engine(task="local")
    run = await engine.start(
        chain(ask(1, approvers={"users": ["ann", "bob", "cyd"]}, requester="bob", policy="all"))
    )
    approval = await pending(engine, run)
    for user, reason in (("eve", "not among"), ("bob", "requested this approval")):
        with pytest.raises(WorkflowUpdateFailedError) as caught:
            await decide(run, approval.id, user)
        assert reason in str(caught.value.cause)
    assert (await decide(run, approval.id, "ann")).status == "pending"
    with pytest.raises(WorkflowUpdateFailedError) as caught:
        await decide(run, approval.id, "ann")
    assert "decided already" in str(caught.value.cause)
    with pytest.raises(WorkflowUpdateFailedError) as caught:
        await decide(run, str(uuid4()), "ann")
    assert "not pending" in str(caught.value.cause)
    await run.handle.terminate()


async def test_votes_are_carried_over(start_engine):
    engine = await start_engine(task="local")
    graph = GraphDefinition(
        [ask(1, policy="n_of", needed=2), *(node(n) for n in range(2, 6))],
        [edge(None, 1), edge(None, 2), *(edge(n, n + 1) for n in range(2, 5))],
    )
    run = await engine.start(graph, options=EVERY_ACTION)
    approval = await pending(engine, run)
    assert (await decide(run, approval.id, "ann")).status == "pending"
    while uid(5) not in run.log.started:
        await asyncio.sleep(0.01)
    assert (await decide(run, approval.id, "bob")).status == "approved"
    assert (await run.handle.result()).status == "completed"
    result = run.log.states()[uid(1)].result
    assert [one["user"] for one in result["decisions"]] == ["ann", "bob"]
    run.log.check(graph, [uid(n) for n in range(2, 6)])


async def test_cancelling_withdraws(start_engine):
    engine = await start_engine(task="local")
    run = await engine.start(chain(ask(1), node(2)))
    approval = await pending(engine, run)
    await run.handle.cancel()
    with pytest.raises(WorkflowFailureError):
        await run.handle.result()
    assert (await engine.approvals.get(approval.id)).status == "withdrawn"
    assert run.log.statuses() == {uid(1): "failed", uid(2): "blocked"}
    check_cancelled(run, uid(1))


async def test_cancelling_ends_a_delay(start_engine):
    engine = await start_engine(task="local")
    run = await engine.start(chain(node(1, "delay", **{"for": 3_600}), node(2)))
    while await waiting_for(run) != [uid(1)]:
        await asyncio.sleep(0.01)
    await run.handle.cancel()
    with pytest.raises(WorkflowFailureError):
        await run.handle.result()
    assert run.log.statuses() == {uid(1): "failed", uid(2): "blocked"}
    check_cancelled(run, uid(1))


async def waiting_for(run: Run) -> list[str]:
    """Return the actions that run and have been tried: where they wait, they do so durably."""
    state = await run.handle.query(EXECUTION_STATE_QUERY, result_type=ExecutionState)
    return [one.action_id for one in state.actions if one.status == "running" and one.attempts]


def check_cancelled(run: Run, action_id: str) -> None:
    """Check that the execution and the action say so, and that the action had been tried."""
    last = run.log.reports[-1]
    said = ("the execution was cancelled", "Cancelled")
    assert (last.status, last.error.message, last.error.type) == ("cancelled", *said)
    state = run.log.states()[action_id]
    assert (state.error.message, state.error.type, state.attempts) == (*said, 1)


@pytest.mark.parametrize("options", [RunOptions(), EVERY_ACTION], ids=["one run", "continued"])
async def test_a_deadline_passes_and_a_delay_ends(start_engine, options):
    engine = await start_engine(task="local")
    graph = GraphDefinition(
        [ask(1, deadline=1), node(2, "delay", **{"for": 1}), node(3), node(4), node(5)],
        [
            edge(None, 1),
            edge(None, 2),
            edge(1, 3, "true_branch"),
            edge(1, 4, "false_branch"),
            edge(2, 5),
        ],
    )
    run = await engine.start(graph, options=options)
    assert (await run.handle.result()).status == "completed"
    assert sorted(run.log.started) == [uid(4), uid(5)]
    assert run.log.states()[uid(1)].result["outcome"] == "timed_out"
    page = await engine.approvals.list()
    assert [one.status for one in page.items] in ([], ["timed_out"])
