"""Asking people, keeping what they decide, reminding them."""

from datetime import UTC, datetime, timedelta

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from ichor_actions.builtin import builtin_actions
from ichor_actions.registry import Registry
from ichor_actions.resources import Resources
from ichor_activities import ApprovalActivities
from ichor_core.contract import (
    ActionActivityInput,
    Approvers,
    ClosedApproval,
    Decision,
    RecordedDecision,
    offload,
)
from ichor_core.expressions import MergedContext
from ichor_edgestore.memory import (
    MemoryApprovalStore,
    MemoryEffectStore,
    MemoryState,
    MemoryValueStore,
)

ACTION = "00000000-0000-0000-0000-000000000001"
EXECUTION = "00000000-0000-0000-0000-00000000000e"
RULE = "00000000-0000-0000-0000-00000000000a"


@pytest.fixture
def state():
    return MemoryState()


@pytest.fixture
def approvals(state):
    return MemoryApprovalStore(state)


@pytest.fixture
def activities(state, approvals):
    registry = Registry(builtin_actions(Resources()))
    effects = MemoryEffectStore(state, {})
    return ApprovalActivities(registry, MemoryValueStore(state), approvals, effects)


def call(context: MergedContext | None = None, **config) -> ActionActivityInput:
    return ActionActivityInput(
        action_id=ACTION,
        action_name="ask",
        action_type="approval_request",
        config={"title": "Buy?", **config},
        context=context or MergedContext(),
        rule_id=RULE,
        execution_id=EXECUTION,
        workflow_id="workflow-1",
    )


async def run(activity, argument):
    return await ActivityEnvironment().run(activity, argument)


async def test_people_are_asked(activities, approvals):
    before = datetime.now(UTC)
    context = MergedContext({"boss": "ada"})
    request = call(
        context,
        message="{{boss}}, please",
        approvers={"users": ["{{boss}}"]},
        deadline=3600,
        reminders=["PT2H", "PT30M", 600, 600.0, 3600],
    )
    asked = await run(activities.open_approval, request)
    opened = asked.deadline - timedelta(hours=1)
    assert before <= opened <= datetime.now(UTC)
    assert asked.reminders == [opened + timedelta(minutes=10), opened + timedelta(minutes=30)]
    assert (asked.message, asked.approvers) == ("ada, please", Approvers(users=("ada",)))
    assert (asked.workflow_id, asked.action_name) == ("workflow-1", "ask")
    stored = await approvals.get(asked.id)
    assert (stored.status, stored.rule_id, stored.deadline) == ("pending", RULE, asked.deadline)


async def test_asking_again_is_the_same_approval(activities, approvals):
    first = await run(activities.open_approval, call())
    again = await run(activities.open_approval, call())
    assert again.id == first.id
    assert (await approvals.get(first.id)).deadline == first.deadline
    other = call()
    other.visit = 1
    assert (await run(activities.open_approval, other)).id != first.id


async def test_large_values_come_back(activities, state):
    text = "ü" * 60_000
    result = await offload({"text": text}, MemoryValueStore(state))
    context = MergedContext({}, {"before": result})
    asked = await run(
        activities.open_approval, call(context, message="{{before.text | length}} characters")
    )
    assert asked.message == f"{len(text)} characters"


@pytest.mark.parametrize(
    ("config", "kind", "message"),
    [
        ({"message": "{{nothing}}"}, "TemplateError", "'nothing' is missing"),
        ({"form": {"type": "nonsense"}}, "ConfigError", "$.form"),
        ({"deadline": "P1Y"}, "ConfigError", "$.deadline"),
        ({"policy": "n_of", "needed": 2, "approvers": {"users": ["a"]}}, "ConfigError", "$.needed"),
    ],
)
async def test_what_cannot_be_asked_fails_for_good(activities, state, config, kind, message):
    with pytest.raises(ApplicationError) as caught:
        await run(activities.open_approval, call(**config))
    assert caught.value.type == kind
    assert caught.value.non_retryable
    assert message in caught.value.message
    assert state.approvals == {}


async def test_a_storage_that_is_away_is_tried_again(activities, approvals, monkeypatch, caplog):
    async def away(*arguments):
        raise OSError("storage is away")

    monkeypatch.setattr(approvals, "open_approval", away)
    with pytest.raises(ApplicationError) as caught:
        await run(activities.open_approval, call())
    assert not caught.value.non_retryable
    assert "storage is away" in caplog.text


async def test_decisions_and_ends_are_kept(activities, approvals):
    asked = await run(activities.open_approval, call(policy="n_of", needed=2))
    decision = Decision(
        approval_id=asked.id, vote="approved", user="ada", decided_at=datetime.now(UTC)
    )
    for _ in range(2):
        await run(activities.record_decision, RecordedDecision(decision, "pending"))
    stored = await approvals.get(asked.id)
    assert (stored.status, stored.decisions) == ("pending", [decision])
    await run(activities.close_approval, ClosedApproval(asked.id, "timed_out"))
    await run(activities.close_approval, ClosedApproval(asked.id, "withdrawn"))
    assert (await approvals.get(asked.id)).status == "timed_out"


async def test_each_reminder_is_one_alert_for_those_who_have_not_decided(activities, state):
    title = "B" * 500
    people = {"users": ["ada", "bob"], "roles": ["cfo"]}
    request = call(title=title, message="please", approvers=people, reminders=[60, 120])
    asked = await run(activities.open_approval, request)
    asked.reminders.pop(0)
    for _ in range(2):  # the second one is a repeated attempt
        await run(activities.remind_approvers, asked)
    asked.decisions.append(Decision(approval_id=asked.id, vote="approved", user="ada"))
    asked.reminders.pop(0)
    await run(activities.remind_approvers, asked)
    assert [alert.recipients for alert in state.alerts] == [["ada", "bob", "cfo"], ["bob", "cfo"]]
    alert = state.alerts[-1]
    assert (alert.execution_id, alert.message) == (EXECUTION, "please")
    assert alert.title == f"Reminder: {title}"[:200]
    assert alert.details == {
        "approval_id": asked.id,
        "action_name": "ask",
        "deadline": asked.deadline.isoformat(),
        "decisions": 1,
    }
