"""The SQL of the documentation does what is said of it, and every alert has its place."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import uuid4

import asyncpg
import pytest
import yaml

from ichor_core.contract import ExecutionRecord, FailureInfo
from ichor_core.graph import ActionEdge, ActionNode, GraphDefinition
from ichor_edgestore.database import open_pool
from ichor_edgestore.events import Event, PostgresEventStore
from ichor_edgestore.executions import PostgresExecutionStore
from ichor_edgestore.migrations import migrate
from ichor_edgestore.rules import PostgresRuleStore, RuleDraft
from tests.docs.pages import ROOT, pages

OPERATIONS = pages()["docs/operations.md"]
SQL = {
    f"{page.path}:{fence.line}": fence.code
    for page in pages().values()
    for fence in page.fences
    if fence.language == "sql" and page.path.startswith("docs/")
}
PENDING, FAILED, WITH_FAILURES = (
    fence.code for fence in OPERATIONS.fences if fence.language == "sql"
)
ACTION = ActionNode("00000000-0000-4000-8000-000000000001", "tell", "create_alert")


@pytest.fixture
async def pool(postgres_server) -> AsyncIterator[asyncpg.Pool]:
    dsn = await postgres_server.create_database()
    await migrate(dsn)
    async with await open_pool(dsn) as pool:
        yield pool
    await postgres_server.drop_database(dsn)


async def fail(pool: asyncpg.Pool) -> str:
    """Store an execution that has failed; returns its id."""
    rules = PostgresRuleStore(pool)
    rule = await rules.create_rule(
        RuleDraft(name="a rule", trigger_entity="orders", trigger_event="on_create")
    )
    graph = GraphDefinition([ACTION], [ActionEdge(ACTION.id, "start")])
    await rules.save_graph(rule.id, graph, expected_version=0)
    event = Event(
        id=str(uuid4()), entity_name="orders", entity_id="1", event_type="on_create", data={}
    )
    accepted = await PostgresEventStore(pool).accept(event, lambda _: True)
    (execution,) = (each.execution_id for each in accepted.executions)
    now = datetime.now(UTC)
    error = FailureInfo("no", "Refused", ACTION.id, "tell", "create_alert")
    await PostgresExecutionStore(pool).record(
        ExecutionRecord(
            execution_id=execution, status="failed", started_at=now, finished_at=now, error=error
        )
    )
    return execution


@pytest.mark.servers
async def test_questions_are_answered(pool: asyncpg.Pool):
    execution = await fail(pool)
    await pool.execute("UPDATE workflow.dispatches SET last_error = 'because', attempts = 3")
    (pending,) = await pool.fetch(PENDING)
    (failed,) = await pool.fetch(FAILED)
    assert (pending["last_error"], pending["count"], pending["attempts"]) == ("because", 1, 3)
    assert tuple(failed.values()) == ("a rule", "tell", "Refused", 1)
    await pool.execute(
        "UPDATE workflow.executions SET status = 'completed_with_failures', "
        "failures = jsonb_build_array(error), error = NULL WHERE id = $1",
        execution,
    )
    assert await pool.fetch(FAILED) == []
    (with_failures,) = await pool.fetch(WITH_FAILURES)
    assert tuple(with_failures.values()) == ("a rule", "tell", "Refused", 1)


@pytest.mark.servers
@pytest.mark.parametrize("name", SQL)
async def test_all_sql_can_be_run(pool: asyncpg.Pool, name: str):
    await pool.execute(SQL[name])


def alerts():
    files = sorted((ROOT / "infra" / "alerts").glob("*.yaml"))
    groups = [group for file in files for group in yaml.safe_load(file.read_text())["groups"]]
    return [rule for group in groups for rule in group["rules"] if "alert" in rule]


def test_every_alert_has_its_place():
    found = alerts()
    assert len(found) > 10
    text = (ROOT / OPERATIONS.path).read_text()
    for alert in found:
        path, _, anchor = alert["annotations"]["runbook"].partition("#")
        assert path == OPERATIONS.path
        assert anchor in OPERATIONS.anchors, alert["alert"]
        section = re.split(r"^### ", text, flags=re.MULTILINE)
        (place,) = [one for one in section if slug(one.partition("\n")[0]) == anchor]
        assert f"`{alert['alert']}`" in place


def slug(heading: str) -> str:
    return heading.lower().replace(" ", "-")


def test_no_section_is_left_over():
    text = (ROOT / OPERATIONS.path).read_text()
    named = set(re.findall(r"`(Ichor\w+)`", text))
    assert named == {alert["alert"] for alert in alerts()}


def test_metrics_that_are_named_are_described():
    described = (ROOT / "docs" / "metrics.md").read_text()
    for path in ("docs/operations.md", "docs/how-to/upgrade.md", "docs/how-to/recover.md"):
        named = re.findall(r"`((?:ichor|http|messaging)_\w+)`", (ROOT / path).read_text())
        assert [name for name in named if name not in described] == []
