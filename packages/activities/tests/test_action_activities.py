"""One attempt of an action as an activity: values, failures, heartbeats, the end."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec import Struct
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from ichor_actions.attempt import ActionAttempt
from ichor_actions.definition.action import action
from ichor_actions.errors import RefusedError, TransientError
from ichor_actions.registry import Registry
from ichor_activities import ActionActivities, RecordingActivities
from ichor_core.contract import (
    MAX_VALUE_BYTES,
    ActionActivityInput,
    ActionState,
    Carried,
    ExecutionRecord,
    is_offloaded,
)
from ichor_core.expressions import MergedContext
from ichor_edgestore.memory import MemoryExecutionStore, MemoryState, MemoryValueStore

ACTION = "00000000-0000-0000-0000-000000000001"
EXECUTION = "00000000-0000-0000-0000-00000000000e"
BIG = "ü" * MAX_VALUE_BYTES


class Config(Struct):
    value: Any = None
    error: str = ""


@action(type="echo", title="Echo", kind="sync")
async def echo(config: Config, attempt: ActionAttempt) -> dict[str, Any]:
    if config.error == "refuse":
        raise RefusedError("no")
    if config.error == "wait":
        raise TransientError("later", retry_after=7)
    if config.error == "crash":
        raise KeyError("secret-token")
    if config.error == "hang":
        await asyncio.Event().wait()
    return {"value": config.value}


@pytest.fixture
def state():
    return MemoryState()


@pytest.fixture
def activities(state):
    return ActionActivities(Registry([echo]), MemoryValueStore(state), MemoryExecutionStore(state))


def call(context: MergedContext | None = None, **config) -> ActionActivityInput:
    return ActionActivityInput(
        action_id=ACTION,
        action_name="echo",
        action_type="echo",
        config=config,
        context=context or MergedContext(),
        execution_id=EXECUTION,
    )


def environment(attempt: int = 1, heartbeat: float | None = None) -> ActivityEnvironment:
    env = ActivityEnvironment()
    env.info = ActivityEnvironment.default_info()
    changes = {"attempt": attempt}
    if heartbeat:
        changes["heartbeat_timeout"] = timedelta(seconds=heartbeat)
    for name, value in changes.items():
        object.__setattr__(env.info, name, value)
    return env


async def test_result_and_attempt(activities):
    output = await environment(attempt=2).run(activities.execute_action, call(value=5))
    assert output.result == {"value": 5}
    assert output.attempts == 2
    assert output.success


async def test_large_values_leave_and_come_back(activities):
    context = MergedContext({"text": BIG})
    first = await environment().run(activities.execute_action, call(context, value="{{text}}"))
    assert is_offloaded(first.result["value"])
    context = MergedContext({}, {"before": first.result})
    second = await environment().run(
        activities.execute_action, call(context, value="{{before.value | length}}")
    )
    assert second.result == {"value": len(BIG)}


@pytest.mark.parametrize(
    ("config", "kind", "non_retryable", "message"),
    [
        ({"error": "refuse"}, "RefusedError", True, "no"),
        ({"error": "wait"}, "TransientError", False, "later"),
        ({"value": "{{nothing}}"}, "TemplateError", True, "'nothing' is missing"),
        ({"error": 5}, "ConfigError", True, "$.error"),
    ],
)
async def test_failures(activities, config, kind, non_retryable, message):
    with pytest.raises(ApplicationError) as caught:
        await environment(attempt=3).run(activities.execute_action, call(**config))
    assert caught.value.type == kind
    assert caught.value.non_retryable is non_retryable
    assert message in caught.value.message
    assert caught.value.details == (3,)


async def test_the_other_side_says_when_to_come_again(activities):
    with pytest.raises(ApplicationError) as caught:
        await environment().run(activities.execute_action, call(error="wait"))
    assert caught.value.next_retry_delay == timedelta(seconds=7)


async def test_an_unexpected_error_shows_its_type_only(activities, caplog):
    with pytest.raises(ApplicationError) as caught:
        await environment().run(activities.execute_action, call(error="crash"))
    assert caught.value.type == "UnexpectedError"
    assert "KeyError" in caught.value.message
    assert "secret-token" not in caught.value.message
    assert not caught.value.non_retryable
    assert "secret-token" in caplog.text


async def test_heartbeats_come_and_cancellation_arrives(activities):
    env = environment(heartbeat=0.03)
    beats = asyncio.Event()
    env.on_heartbeat = lambda *details: beats.set()
    running = asyncio.create_task(env.run(activities.execute_action, call(error="hang")))
    await beats.wait()
    env.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


def closing() -> ExecutionRecord:
    return ExecutionRecord(
        execution_id=EXECUTION,
        status="completed",
        started_at=datetime.now(UTC),
        actions=[ActionState(action_id=ACTION, status="running", started_at=datetime.now(UTC))],
    )


async def test_the_last_action_records_the_end(activities, state):
    request = call(value=5)
    request.closing = closing()
    output = await environment(attempt=2).run(activities.execute_action, request)
    assert output.recorded
    detail = await MemoryExecutionStore(state).get(EXECUTION)
    assert detail.execution.status == "completed"
    assert detail.execution.finished_at is not None
    [row] = detail.actions
    assert (row.status, row.result, row.attempts) == ("completed", {"value": 5}, 2)


async def test_an_end_that_cannot_be_recorded_does_not_fail_the_action(state, caplog):
    class Away:
        async def record(self, record: ExecutionRecord) -> None:
            raise OSError("storage is away")

    activities = ActionActivities(Registry([echo]), MemoryValueStore(state), Away())
    request = call(value=5)
    request.closing = closing()
    output = await environment().run(activities.execute_action, request)
    assert output.result == {"value": 5}
    assert not output.recorded
    assert "storage is away" in caplog.text


async def test_a_failed_last_action_records_nothing(activities, state):
    request = call(error="refuse")
    request.closing = closing()
    with pytest.raises(ApplicationError):
        await environment().run(activities.execute_action, request)
    assert state.executions == {}


async def test_carried_results_are_offloaded(state):
    recording = RecordingActivities(MemoryExecutionStore(state), MemoryValueStore(state))
    carried = Carried(marking="c", results={"a": {"text": "x" * 30_000, "n": 1}})
    smaller = await ActivityEnvironment().run(recording.offload_results, carried)
    assert is_offloaded(smaller.results["a"]["text"])
    assert smaller.results["a"]["n"] == 1
    assert smaller.marking == "c"
