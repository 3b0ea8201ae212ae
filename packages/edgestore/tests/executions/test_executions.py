from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import msgspec
import pytest

from ichor_core.contract import ActionState, ExecutionRecord, FailureInfo
from ichor_core.errors import InvalidInputError
from ichor_edgestore.executions.records import ExecutionFilter

TIME = datetime(2026, 2, 28, 12, tzinfo=UTC)
ERROR = FailureInfo("the mailbox is full", "Refused", str(UUID(int=1)), "mail", "send_email")


def at(seconds: float) -> datetime:
    return TIME + timedelta(seconds=seconds)


@pytest.fixture
async def execution(stores, accept_event):
    """A pending execution of a graph of two actions."""
    accepted = await accept_event()
    detail = await stores.executions.get(accepted.executions[0].execution_id)
    return detail.execution


@pytest.fixture
async def actions(stores, execution):
    graph = await stores.rules.read_graph(execution.rule_id)
    return [action.id for action in sorted(graph.graph.actions, key=lambda node: node.name)]


async def test_a_report_is_stored_whole(stores, execution, actions) -> None:
    result = {"n": 2**70, "d": Decimal("0.12345678901234567890"), "text": "日本", "x": [None, 1.5]}
    record = ExecutionRecord(
        execution_id=execution.id,
        status="completed_with_failures",
        started_at=at(0),
        finished_at=at(9),
        failures=[ERROR],
        actions=[
            ActionState(
                action_id=actions[0],
                status="completed",
                started_at=at(1),
                finished_at=at(2),
                attempts=3,
                error=None,
                result=result,
            ),
            ActionState(
                action_id=actions[1],
                status="failed",
                started_at=at(3),
                finished_at=at(4),
                attempts=1,
                error=ERROR,
            ),
        ],
        runs=2,
    )
    await stores.executions.record(record)
    detail = await stores.executions.get(execution.id)
    stored = detail.execution
    assert (stored.status, stored.started_at, stored.finished_at, stored.runs) == (
        "completed_with_failures",
        at(0),
        at(9),
        2,
    )
    assert (stored.error, stored.failures) == (None, [ERROR])
    by_name = {action.name: action for action in detail.actions}
    first, second = by_name["first"], by_name["second"]
    assert (first.action_id, first.type, first.attempts) == (actions[0], "set_values", 3)
    assert (first.result, first.error, first.finished_at) == (result, None, at(2))
    assert (second.type, second.status, second.error) == ("create_alert", "failed", ERROR)
    assert second.result is None
    await stores.executions.record(record)
    assert await stores.executions.get(execution.id) == detail


async def test_reports_add_up(stores, execution, actions) -> None:
    first = ExecutionRecord(
        execution_id=execution.id,
        status="running",
        started_at=at(0),
        actions=[
            ActionState(
                action_id=actions[0],
                status="completed",
                started_at=at(1),
                finished_at=at(2),
                attempts=1,
                error=None,
                result={"a": 1},
            )
        ],
    )
    await stores.executions.record(first)
    running = (await stores.executions.get(execution.id)).execution
    assert (running.status, running.finished_at, running.started_at) == ("running", None, at(0))
    last = ExecutionRecord(
        execution_id=execution.id,
        status="failed",
        started_at=at(0),
        finished_at=at(5),
        error=ERROR,
        actions=[
            ActionState(
                action_id=actions[1],
                status="failed",
                started_at=at(3),
                finished_at=at(4),
                attempts=3,
                error=ERROR,
            )
        ],
        runs=3,
    )
    await stores.executions.record(last)
    detail = await stores.executions.get(execution.id)
    assert (detail.execution.status, detail.execution.error) == ("failed", ERROR)
    assert {action.status for action in detail.actions} == {"completed", "failed"}
    # The first one again, late.
    await stores.executions.record(first)
    assert await stores.executions.get(execution.id) == detail


async def test_what_is_final_stays(stores, execution, actions) -> None:
    action = ActionState(
        action_id=actions[0],
        status="completed",
        started_at=at(1),
        finished_at=at(2),
        attempts=2,
        error=None,
        result={"a": 1},
    )
    await stores.executions.record(
        ExecutionRecord(
            execution_id=execution.id,
            status="completed",
            started_at=at(0),
            finished_at=at(3),
            actions=[action],
        )
    )
    before = await stores.executions.get(execution.id)
    late = [
        ActionState(action_id=actions[0], status="running", started_at=at(1), attempts=1),
        ActionState(
            action_id=actions[0],
            status="completed",
            started_at=at(1),
            finished_at=at(2),
            attempts=2,
        ),
    ]
    for state in late:
        await stores.executions.record(
            ExecutionRecord(
                execution_id=execution.id, status="running", started_at=at(0), actions=[state]
            )
        )
        assert await stores.executions.get(execution.id) == before


async def test_a_branch_does_not_hide_the_failures_of_another(stores, execution) -> None:
    other = msgspec.structs.replace(ERROR, action_name="other")
    for failures in ([ERROR], []):
        await stores.executions.record(
            ExecutionRecord(
                execution_id=execution.id, status="running", started_at=at(0), failures=failures
            )
        )
    assert (await stores.executions.get(execution.id)).execution.failures == [ERROR]
    done = ExecutionRecord(
        execution_id=execution.id,
        status="completed_with_failures",
        started_at=at(0),
        finished_at=at(1),
        error=None,
        failures=[other],
    )
    await stores.executions.record(done)
    assert (await stores.executions.get(execution.id)).execution.failures == [other]


async def test_a_report_of_an_execution_that_nobody_accepted_is_stored(stores) -> None:
    execution_id = str(uuid4())
    states = [
        ActionState(
            action_id=str(UUID(int=1)),
            status="failed",
            started_at=at(0),
            finished_at=at(1),
            attempts=1,
            error=ERROR,
        ),
        ActionState(action_id=str(UUID(int=2)), status="skipped"),
    ]
    await stores.executions.record(
        ExecutionRecord(
            execution_id=execution_id,
            status="failed",
            started_at=at(0),
            finished_at=at(1),
            error=ERROR,
            actions=states,
        )
    )
    detail = await stores.executions.get(execution_id)
    execution = detail.execution
    assert (execution.status, execution.error) == ("failed", ERROR)
    assert (execution.rule_id, execution.event_id, execution.workflow_id) == (None, None, None)
    assert [(a.name, a.type, a.status) for a in detail.actions] == [
        ("mail", "send_email", "failed"),
        ("", "", "skipped"),
    ]
    assert (await stores.executions.list()).items == [execution]


@pytest.mark.servers
@pytest.mark.parametrize("stores", ["database"], indirect=True)
async def test_a_report_that_cannot_be_stored_stores_nothing(stores, execution, actions) -> None:
    before = await stores.executions.get(execution.id)
    bad = ActionState(action_id=actions[0], status="completed", result={"a": "\0"})
    with pytest.raises(InvalidInputError):
        await stores.executions.record(
            ExecutionRecord(
                execution_id=execution.id,
                status="completed",
                started_at=at(0),
                finished_at=at(1),
                actions=[bad],
            )
        )
    assert await stores.executions.get(execution.id) == before


async def test_a_status_is_corrected_until_the_end(stores, execution) -> None:
    assert await stores.executions.set_status(execution.id, "running")
    running = (await stores.executions.get(execution.id)).execution
    assert (running.status, running.finished_at) == ("running", None)
    assert running.started_at is not None
    assert await stores.executions.set_status(execution.id, "timed_out", ERROR)
    ended = (await stores.executions.get(execution.id)).execution
    assert (ended.status, ended.error, ended.started_at) == ("timed_out", ERROR, running.started_at)
    assert ended.finished_at is not None
    assert not await stores.executions.set_status(execution.id, "running")
    assert not await stores.executions.set_status(execution.id, "failed")
    assert (await stores.executions.get(execution.id)).execution == ended
    assert not await stores.executions.set_status(str(UUID(int=0)), "failed")


async def test_long_running_executions_are_found_the_oldest_first(stores) -> None:
    ids = [str(UUID(int=n)) for n in range(4)]
    for n, status in enumerate(("running", "running", "completed", "running")):
        await stores.executions.record(
            ExecutionRecord(execution_id=ids[n], status=status, started_at=at(-n))
        )
    found = await stores.executions.running_since(at(0), 10)
    assert [execution.id for execution in found] == [ids[3], ids[1]]
    assert len(await stores.executions.running_since(at(1), 2)) == 2


async def test_executions_are_listed_in_pages_the_newest_first(stores, accept_event) -> None:
    accepted = [await accept_event() for _ in range(5)]
    found, cursor = [], None
    while True:
        page = await stores.executions.list(cursor=cursor, limit=2)
        found += page.items
        cursor = page.next_cursor
        if cursor is None:
            break
    newest_first = [event.executions[0].execution_id for event in accepted[::-1]]
    assert [execution.id for execution in found] == newest_first
    with pytest.raises(InvalidInputError):
        await stores.executions.list(cursor="x")


async def test_executions_are_filtered(stores, add_rule, accept_event) -> None:
    rule = await add_rule()
    one = await accept_event(entity_id="1")
    other = await accept_event(entity_id="2")
    await stores.dispatches.mark_started(other.executions[0].execution_id)
    first = (await stores.executions.get(one.executions[0].execution_id)).execution
    second = (await stores.executions.get(other.executions[0].execution_id)).execution

    async def found(**fields: object) -> list[str]:
        page = await stores.executions.list(ExecutionFilter(**fields))
        return [execution.id for execution in page.items]

    both = [second.id, first.id]
    assert await found(rule_id=rule.id) == both
    assert await found(rule_id=str(UUID(int=0))) == []
    assert await found(statuses=("running",)) == [second.id]
    assert await found(statuses=("running", "pending")) == both
    assert await found(statuses=()) == []
    assert await found(event_id=one.event_id) == [first.id]
    assert await found(entity_name="orders", entity_id="2") == [second.id]
    assert await found(entity_name="customers") == []
    assert await found(created_after=second.created_at) == [second.id]
    assert await found(created_before=second.created_at) == [first.id]
    assert await found(statuses=("pending",), entity_id="1", rule_id=rule.id) == [first.id]
