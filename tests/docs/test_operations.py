"""The SQL of the documentation does what is said of it, and every alert has its place."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
import yaml

from ichor_core.contract import ActionState, ExecutionRecord, FailureInfo
from ichor_core.graph import ActionEdge, ActionNode, GraphDefinition
from ichor_core.ports import EffectKey
from ichor_edgestore.effects import EffectStore
from ichor_edgestore.events import EventStore
from ichor_edgestore.executions import ExecutionStore
from ichor_edgestore.migrations import migrate
from ichor_edgestore.pool import open_pool
from ichor_edgestore.records import AlertDraft, Event, RuleDraft
from ichor_edgestore.rules import RuleStore
from ichor_edgestore.values import ValueStore
from tests.docs.pages import ROOT, pages

OPERATIONS = pages()["docs/operations.md"]
SQL = {
    f"{page.path}:{fence.line}": fence.code
    for page in pages().values()
    for fence in page.fences
    if fence.language == "sql" and page.path.startswith("docs/")
}
PRUNE, PRUNE_VALUES, PENDING, FAILED = (
    fence.code for fence in OPERATIONS.fences if fence.language == "sql"
)
TABLES = (
    *("events", "executions", "dispatches", "action_executions", "effects", "alerts"),
    *("approvals", "large_values"),
)
ACTION = ActionNode("00000000-0000-4000-8000-000000000001", "tell", "create_alert")
DIGEST = "0" * 64


@pytest.fixture
async def pool(postgres_server) -> AsyncIterator[asyncpg.Pool]:
    dsn = await postgres_server.create_database()
    await migrate(dsn)
    async with await open_pool(dsn) as pool:
        yield pool
    await postgres_server.drop_database(dsn)


async def run(pool: asyncpg.Pool, number: int, status: str) -> str:
    """Store an execution of this status with everything that an execution leaves."""
    rules = RuleStore(pool)
    name = f"entity-{number}"
    rule = await rules.create_rule(RuleDraft(name, name, "on_create"))
    graph = GraphDefinition([ACTION], [ActionEdge(ACTION.id, "start")])
    await rules.save_graph(rule.id, graph, expected_version=0)
    event = Event(f"00000000-0000-4000-8000-{number:012}", name, "1", "on_create", {})
    accepted = await EventStore(pool).accept(event, lambda _: True)
    (execution,) = (each.execution_id for each in accepted.executions)
    key = EffectKey(execution, ACTION.id)
    alert = AlertDraft("title", "", "info")
    await EffectStore(pool, {}).create_alert(key, alert)
    await pool.execute(
        """INSERT INTO workflow.approvals (id, execution_id, action_id, action_name, workflow_id,
            title, message, policy, deadline)
        VALUES (gen_random_uuid(), $1, $2, 'ask', '', '', '', 'any', now())""",
        execution,
        ACTION.id,
    )
    now = datetime.now(UTC)
    error = FailureInfo("no", "Refused", ACTION.id, "tell", "create_alert")
    failed = error if status == "failed" else None
    await ExecutionStore(pool).record(
        ExecutionRecord(
            execution,
            status,
            now,
            None if status == "running" else now,
            failed,
            actions=[ActionState(ACTION.id, "completed")],
        )
    )
    return execution


async def counts(pool: asyncpg.Pool) -> dict[str, int]:
    return {
        table: await pool.fetchval(f"SELECT count(*) FROM workflow.{table}") for table in TABLES
    }


@pytest.mark.servers
async def test_pruning_removes_what_ended_long_ago_and_nothing_else(pool: asyncpg.Pool):
    old = [await run(pool, 1, "completed"), await run(pool, 2, "failed")]
    await run(pool, 3, "completed")
    running = await run(pool, 4, "running")
    await ValueStore(pool).put(DIGEST, b"old")
    before = await counts(pool)
    long_ago = datetime.now(UTC) - timedelta(days=500)
    for column, table, ids in (
        ("finished_at", "executions", old),
        ("created_at", "executions", [*old, running]),
    ):
        await pool.execute(
            f"UPDATE workflow.{table} SET {column} = $1 WHERE id = ANY($2::uuid[])", long_ago, ids
        )
    await pool.execute("UPDATE workflow.events SET received_at = $1", long_ago)
    await pool.execute(PRUNE)

    assert before == dict.fromkeys(TABLES, 4) | {"large_values": 1}
    assert await counts(pool) == dict.fromkeys(TABLES, 2) | {"large_values": 1}
    assert await pool.fetchval("SELECT count(*) FROM workflow.executions WHERE id = $1", running)
    await pool.execute(PRUNE)
    assert (await counts(pool))["executions"] == 2


@pytest.mark.servers
async def test_values_in_use_stay(pool: asyncpg.Pool):
    values = ValueStore(pool)
    for digest in (DIGEST, "1" * 64):
        await values.put(digest, b"value")
    await pool.execute("UPDATE workflow.large_values SET created_at = now() - interval '500 days'")
    await values.put(DIGEST, b"value")
    await pool.execute(PRUNE_VALUES)
    assert await pool.fetch("SELECT digest FROM workflow.large_values") == [(DIGEST,)]


@pytest.mark.servers
async def test_questions_are_answered(pool: asyncpg.Pool):
    await run(pool, 1, "failed")
    await pool.execute("UPDATE workflow.dispatches SET last_error = 'because', attempts = 3")
    (pending,) = await pool.fetch(PENDING)
    (failed,) = await pool.fetch(FAILED)
    assert (pending["last_error"], pending["count"], pending["attempts"]) == ("because", 1, 3)
    assert tuple(failed.values()) == ("entity-1", "tell", "Refused", 1)


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
