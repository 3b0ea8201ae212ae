"""What ended long ago goes, and all that belongs to it; what has not ended stays."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg
import pytest

from ichor_core.contract import Approval, Decision, EffectKey, ExecutionRecord, offload
from ichor_edgestore.cli import main
from ichor_edgestore.executions.retention import Pruned, count_old, prune

pytestmark = pytest.mark.servers
NOW = datetime.now(UTC)
DAY = timedelta(days=1)
TABLES = (
    *("events", "executions", "dispatches", "effects", "alerts"),
    *("approvals", "approval_decisions", "large_values"),
)


@pytest.fixture
def stores(database_stores):
    return database_stores


@pytest.fixture
async def connection(database):
    connection = await asyncpg.connect(database)
    yield connection
    await connection.close()


@pytest.fixture
def happened(stores, accept_event, connection):
    """Let an event come so many days ago, and its execution end, with all that may belong to it."""

    async def happened(days: int, *, ended: bool = True) -> str:
        accepted = await accept_event()
        execution_id = accepted.executions[0].execution_id
        await stores.dispatches.mark_started(execution_id)
        await stores.effects.create_alert(
            EffectKey(execution_id, str(uuid4())), {"title": "something"}
        )
        asked = Approval(
            id=str(uuid4()),
            execution_id=execution_id,
            action_id=str(uuid4()),
            action_name="ask",
            workflow_id="w",
            deadline=NOW,
        )
        await stores.approvals.open_approval(asked, str(uuid4()))
        await stores.approvals.record_decision(
            Decision(approval_id=asked.id, vote="approved", user="ada"), "approved"
        )
        await offload({"big": f"{uuid4()}" * 3000}, stores.values)
        time = NOW - days * DAY
        if ended:
            await stores.executions.record(
                ExecutionRecord(
                    execution_id=execution_id,
                    status="completed",
                    started_at=time,
                    finished_at=time,
                    error=None,
                    failures=[],
                    actions=[],
                    runs=1,
                )
            )
        received = "UPDATE workflow.events SET received_at = $2 WHERE id = $1"
        await connection.execute(received, accepted.event_id, time)
        await connection.execute(
            "UPDATE workflow.large_values SET created_at = $1 WHERE created_at >= $2", time, NOW
        )
        return execution_id

    return happened


async def rows(connection) -> dict[str, int]:
    return {
        name: await connection.fetchval(f"SELECT count(*) FROM workflow.{name}") for name in TABLES
    }


async def removed(connection, days=90, values_days=400, **options) -> Pruned:
    total = Pruned()
    before, used = NOW - days * DAY, NOW - values_days * DAY
    expected = await count_old(connection, before, used)
    async for pruned in prune(connection, before, used, **options):
        total += pruned
    assert total == expected
    return total


async def test_what_ended_long_ago_goes_with_all_that_belongs_to_it(happened, connection) -> None:
    await happened(500)
    kept = await happened(10)
    assert await rows(connection) == dict.fromkeys(TABLES, 2)
    assert await removed(connection) == Pruned(1, 1, 1)
    assert await rows(connection) == dict.fromkeys(TABLES, 1)
    assert str(await connection.fetchval("SELECT id FROM workflow.executions")) == kept
    assert await removed(connection) == Pruned()


async def test_what_has_not_ended_stays_however_old(happened, connection) -> None:
    await happened(500, ended=False)
    before = await rows(connection)
    assert await removed(connection, values_days=1000) == Pruned()
    assert await rows(connection) == before


async def test_an_event_stays_with_the_last_of_its_executions(
    add_rule, accept_event, stores, connection
) -> None:
    await add_rule()
    await add_rule("another")
    accepted = await accept_event()
    first, second = (one.execution_id for one in accepted.executions)
    old = NOW - 100 * DAY
    await connection.execute("UPDATE workflow.events SET received_at = $1", old)
    record = ExecutionRecord(
        execution_id=first,
        status="completed",
        started_at=old,
        finished_at=old,
        error=None,
        failures=[],
        actions=[],
        runs=1,
    )
    await stores.executions.record(record)
    assert await removed(connection) == Pruned(executions=1)
    record.execution_id = second
    await stores.executions.record(record)
    assert await removed(connection) == Pruned(executions=1, events=1)


async def test_an_event_that_set_off_nothing_goes(accept_event, stores, make_event, connection):
    await stores.events.accept(make_event(entity_name="nobody waits for it"), lambda rule: True)
    await connection.execute("UPDATE workflow.events SET received_at = $1", NOW - 100 * DAY)
    assert await removed(connection) == Pruned(events=1)


async def test_large_values_are_kept_for_longer(happened, connection) -> None:
    await happened(100)
    assert await removed(connection) == Pruned(executions=1, events=1)
    assert (await rows(connection))["large_values"] == 1


async def test_in_batches(happened, connection) -> None:
    for _ in range(3):
        await happened(500)
    assert await removed(connection, batch=2) == Pruned(3, 3, 3)


def test_the_command(database, capsys) -> None:
    assert main(["prune", "--dsn", database, "--keep-days", "90", "--dry-run"]) == 0
    assert capsys.readouterr().out == "would remove 0 executions, 0 events, 0 large values\n"
    assert main(["prune", "--dsn", database, "--keep-days", "90"]) == 0
    assert capsys.readouterr().out == "removed 0 executions, 0 events, 0 large values\n"


@pytest.mark.parametrize("days", ["0", "-1", "1.5", "many", "99999999"])
def test_days_that_are_none(days, capsys) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["prune", "--dsn", "postgresql://x", "--keep-days", days])
    assert "expected a whole number of days from 1 to 36500" in capsys.readouterr().err
