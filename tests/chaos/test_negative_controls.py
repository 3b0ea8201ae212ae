"""Violations that are planted into what a real run has left are noticed; before, there are none.

What is planted into a database is read in the transaction that planted it, and rolled back.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.chaos.campaign import Campaign
from tests.chaos.checker import check
from tests.chaos.collection import collect
from tests.chaos.database_evidence import read_database, read_inventory
from tests.chaos.evidence import Evidence
from tests.chaos.load import Load, make_events
from tests.chaos.plan import make_plan
from tests.chaos.servers import are_ours
from tests.chaos.system import STOCK, System, system
from tests.chaos.temporal_evidence import read_workflows
from tests.chaos.violations import Violation

pytestmark = [pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(240)]

EXECUTIONS = 36


class SmallRun:
    """A run without faults, and what it left."""

    def __init__(self, ichor: System, load: Load, evidence: Evidence) -> None:
        self.system = ichor
        self.load = load
        self.evidence = evidence

    def check(self, evidence: Evidence) -> list[Violation]:
        return check(evidence, self.system.shapes)

    async def with_sql(self, statement: str) -> list[Violation]:
        """Check what is there with a change of the engine's database."""
        connection = await self.system.connect(self.system.dsn)
        try:
            change = connection.transaction()
            await change.start()
            done = await connection.execute(statement)
            assert not done.endswith(" 0"), "nothing was planted"
            database = await read_database(connection)
            await change.rollback()
        finally:
            await connection.close()
        return self.check(replace(self.evidence, database=database))

    async def with_inventory_sql(self, statement: str) -> list[Violation]:
        """Check what is there with a change of the other system's database."""
        connection = await self.system.connect(self.system.inventory_dsn)
        try:
            change = connection.transaction()
            await change.start()
            done = await connection.execute(statement)
            assert not done.endswith(" 0"), "nothing was planted"
            inventory = await read_inventory(connection, STOCK)
            await change.rollback()
        finally:
            await connection.close()
        return self.check(replace(self.evidence, inventory=inventory))


@pytest.fixture(scope="module")
async def small_run(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SmallRun]:
    if not are_ours():
        pytest.skip("AMQP_URL or DATABASE_URL names a server that is not ours to kill")
    folder: Path = tmp_path_factory.mktemp("chaos")
    async with system(folder) as ichor:
        load = Load(ichor, make_events(1, EXECUTIONS, ichor.shapes.values()))
        outcome = await Campaign(make_plan(1, 0, EXECUTIONS), ichor, load, print).run()
        yield SmallRun(ichor, load, outcome.evidence)
        await load.close()


async def test_a_good_run_is_good(small_run: SmallRun):
    assert small_run.check(small_run.evidence) == []
    assert len(small_run.evidence.database.executions) == EXECUTIONS


PLANTED = {
    "a doubled row": (
        "INSERT INTO chaos.rows (label, detail) SELECT label, detail FROM chaos.rows LIMIT 1",
        "doubled",
        "row ",
    ),
    "a lost row": (
        "DELETE FROM chaos.rows WHERE id = (SELECT min(id) FROM chaos.rows)",
        "lost",
        "row ",
    ),
    "a changed row": (
        "UPDATE chaos.rows SET detail = 'x' WHERE id = (SELECT min(id) FROM chaos.rows)",
        "changed",
        "row ",
    ),
    "a change that came twice": (
        "UPDATE chaos.counters SET label = label WHERE name = 'counter-0'",
        "doubled",
        "counter-0",
    ),
    "a lost execution": (
        "DELETE FROM workflow.executions WHERE id = (SELECT id FROM workflow.executions LIMIT 1)",
        "lost",
        "execution of event ",
    ),
    "a wrong status": (
        "UPDATE workflow.executions SET status = 'failed'"
        " WHERE id = (SELECT id FROM workflow.executions LIMIT 1)",
        "differs",
        "execution ",
    ),
    "a changed record": (
        "UPDATE workflow.action_executions SET result = '{\"created\": false}'"
        " WHERE (execution_id, action_id) = (SELECT execution_id, action_id"
        " FROM workflow.action_executions"
        " WHERE type = 'create_record' AND status = 'completed' LIMIT 1)",
        "changed",
        "effect ",
    ),
    "a doubled alert": (
        "WITH key AS (INSERT INTO workflow.effects (key, execution_id, action_id, visit, result)"
        " SELECT 'x', execution_id, action_id, 1, result FROM workflow.effects"
        " WHERE key IN (SELECT effect_key FROM workflow.alerts) LIMIT 1"
        " RETURNING key, execution_id)"
        " INSERT INTO workflow.alerts (id, effect_key, execution_id, title, message, severity)"
        " SELECT gen_random_uuid(), key.key, key.execution_id, title, '', 'info'"
        " FROM key JOIN workflow.alerts USING (execution_id) LIMIT 1",
        "doubled",
        "alert ",
    ),
    "a second vote": (
        'INSERT INTO workflow.approval_decisions (approval_id, "user", vote)'
        " SELECT id, 'ben', 'approved' FROM workflow.approvals LIMIT 1",
        "doubled",
        "approval ",
    ),
    "an execution that runs for ever": (
        "UPDATE workflow.executions SET status = 'running', finished_at = NULL"
        " WHERE id = (SELECT id FROM workflow.executions LIMIT 1)",
        "stuck",
        "execution ",
    ),
}


@pytest.mark.parametrize("name", PLANTED)
async def test_a_violation_in_the_database_is_noticed(small_run: SmallRun, name: str):
    statement, verdict, what = PLANTED[name]

    violations = await small_run.with_sql(statement)

    wanted = [one for one in violations if one.verdict == verdict]
    assert any(one.what.startswith(what) for one in wanted), violations


async def test_a_double_reservation_is_noticed(small_run: SmallRun):
    violations = await small_run.with_inventory_sql(
        "INSERT INTO inventory.reservations (request_id, order_id, answer)"
        " SELECT request_id || '/again', order_id, answer FROM inventory.reservations LIMIT 1"
    )

    assert any(
        one.verdict == "doubled" and one.what.startswith("reservation ") for one in violations
    ), violations


async def test_stock_that_was_taken_twice_is_noticed(small_run: SmallRun):
    violations = await small_run.with_inventory_sql(
        "UPDATE inventory.stock SET available = available - 1"
    )

    assert [(one.verdict, one.what) for one in violations] == [("doubled", "stock")]


async def test_a_workflow_that_nobody_asked_for_is_noticed(small_run: SmallRun):
    """The last test of this run: Temporal takes nothing back."""
    client = await small_run.system.temporal_client()
    one = small_run.evidence.database.executions[0]
    handle = client.get_workflow_handle(one.workflow_id)
    start = (await handle.fetch_history()).events[0].workflow_execution_started_event_attributes
    started = await client.start_workflow(
        start.workflow_type.name, id="planted", task_queue="nobody-listens"
    )
    try:
        workflows = await read_workflows(client)
    finally:
        await started.terminate()

    violations = small_run.check(replace(small_run.evidence, workflows=workflows))

    assert [(one.verdict, one.what) for one in violations] == [("doubled", "workflow planted")]


async def test_evidence_that_is_collected_again_is_the_same(small_run: SmallRun):
    again = await collect(small_run.system, small_run.load)

    assert again.database == small_run.evidence.database
    assert again.shown == small_run.evidence.shown
