"""A whole worker on real servers: publishes its types, runs a graph, answers for its health."""

import asyncio
import json
import subprocess
import sys
import urllib.request
from uuid import uuid4

import pytest

from ichor_actions import Resources
from ichor_actions.builtin import builtin_actions
from ichor_core.contract import EXECUTE_GRAPH_WORKFLOW, TASK_QUEUE, WorkflowInput, WorkflowOutput
from ichor_core.graph import ActionEdge, ActionNode, GraphDefinition
from ichor_core.ids import ExecutionId, RuleId
from ichor_devstack.ports import free_port
from ichor_edgestore.action_types import PostgresActionTypeStore
from ichor_edgestore.database import open_pool
from ichor_edgestore.executions import PostgresExecutionStore
from ichor_edgestore.migrations import migrate
from ichor_runtime.settings import read_settings
from ichor_runtime.temporal import connect
from ichor_worker.bootstrap import open_worker
from ichor_worker.settings import WorkerSettings

ACTION = "00000000-0000-0000-0000-000000000001"
BUILT_IN = {item.spec.type for item in builtin_actions(Resources())}


@pytest.fixture
async def settings(monkeypatch, temporal_server, database) -> WorkerSettings:
    await migrate(database)
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.setenv("TEMPORAL_ADDRESS", temporal_server.address)
    monkeypatch.setenv("PORT", str(free_port()))
    return read_settings(WorkerSettings)


async def health(settings: WorkerSettings) -> dict:
    url = f"http://127.0.0.1:{settings.port}/health/ready"

    def ask() -> dict:
        with urllib.request.urlopen(url) as answer:
            return json.loads(answer.read())

    return await asyncio.to_thread(ask)


async def test_a_worker_runs_a_graph(settings):
    async with (
        open_worker(settings),
        await open_pool(settings.database_url.get_secret_value()) as pool,
    ):
        assert (await health(settings))["status"] == "ready"
        types = await PostgresActionTypeStore(pool).get_action_types()
        assert set(types) == BUILT_IN
        execution_id = ExecutionId(str(uuid4()))
        client = await connect(settings.temporal)
        graph = GraphDefinition(
            [ActionNode(ACTION, "set", "set_values", {"values": {"n": "{{amount}}"}})],
            [ActionEdge(ACTION, "start")],
        )
        output = await client.execute_workflow(
            EXECUTE_GRAPH_WORKFLOW,
            WorkflowInput(
                rule_id=RuleId(str(uuid4())),
                execution_id=execution_id,
                graph=graph,
                trigger_data={"amount": 2**60 + 1},
                policies={name: kind.policy for name, kind in types.items()},
            ),
            id=execution_id,
            task_queue=TASK_QUEUE,
            result_type=WorkflowOutput,
        )
        assert output.status == "completed"
        detail = await PostgresExecutionStore(pool).get(execution_id)
        assert detail.execution.status == "completed"
        assert [row.result for row in detail.actions] == [{"n": 2**60 + 1}]


def test_command_line():
    module = [sys.executable, "-m", "ichor_worker"]
    ran = subprocess.run([*module, "types"], capture_output=True, text=True, check=True)
    assert {kind["type"] for kind in json.loads(ran.stdout)} == BUILT_IN
    declared = {"DECLARED_TABLES": '{"public.orders": {"columns": ["status"], "key": "id"}}'}
    ran = subprocess.run(
        [*module, "types"], env=declared, capture_output=True, text=True, check=True
    )
    (create,) = [kind for kind in json.loads(ran.stdout) if kind["type"] == "create_record"]
    assert {"properties": {"table": {"enum": ["public.orders"]}}} in create["config_schema"][
        "allOf"
    ]
    ran = subprocess.run([*module, "--help"], capture_output=True, text=True, check=True)
    assert "ichor-workflow-queue" in ran.stdout
    assert " serve " in ran.stdout
    for command in ([], ["serve"]):
        ran = subprocess.run(
            [*module, *command], env={"PORT": "x"}, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 2
        assert "DATABASE_URL: is not set" in ran.stderr
        assert "PORT" in ran.stderr
    ran = subprocess.run([*module, "sevre"], capture_output=True, text=True, check=False)
    assert ran.returncode != 0
    assert "serve" in ran.stdout + ran.stderr
