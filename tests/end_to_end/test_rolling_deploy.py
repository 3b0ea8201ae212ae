"""A new release takes over under load: nothing fails, no history is misread.

Between the releases the interpreter changes. Workers are replaced first, side by side with the old
ones, then the API, which starts executions of the newer interpreter.
"""

import asyncio
import signal
import sys
from collections import Counter
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx2
import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.api.workflowservice.v1 import SetWorkerDeploymentCurrentVersionRequest
from temporalio.client import Client

from ichor_core.contract import INTERPRETER_VERSION, TERMINAL_STATUSES
from ichor_core.graph import ActionNode, GraphDefinition
from tests.end_to_end.kit.command import POLL_SECONDS, Command
from tests.end_to_end.kit.installation import create, edge
from tests.end_to_end.kit.newer_release import NEWER

pytestmark = [pytest.mark.servers, pytest.mark.timeout(180)]

ROOT = Path(__file__).parents[2]
AT_A_TIME = 6
EXECUTIONS = """
    SELECT workflow_id, interpreter_version, status FROM workflow.executions
    WHERE entity_name = $1"""
UNFINISHED = """
    SELECT count(*) FROM workflow.executions WHERE entity_name = $1 AND status <> ALL($2)"""
EACH_PHASE = 10
"""Executions that must begin in a phase before the next one begins."""
DEPLOYMENT = "TEMPORAL_WORKER_DEPLOYMENT_NAME"
BUILD = "TEMPORAL_WORKER_BUILD_ID"


class Load:
    """Events as long as few of their executions are unfinished."""

    def __init__(self, ichor, entity):
        self.ichor = ichor
        self.entity = entity
        self.posted = 0
        self._stop = asyncio.Event()

    async def run(self):
        while not self._stop.is_set():
            if await self.unfinished() >= AT_A_TIME:
                await asyncio.sleep(POLL_SECONDS)
                continue
            try:
                await self.ichor.post_event(self.entity)
            except httpx2.TransportError:  # the API is being replaced
                await asyncio.sleep(POLL_SECONDS)
            else:
                self.posted += 1

    async def unfinished(self):
        query = (
            "SELECT count(*) FROM workflow.executions WHERE entity_name = $1 AND status <> ALL($2)"
        )
        (found,) = await self.ichor.sql(query, self.entity, list(TERMINAL_STATUSES))
        return found

    async def more(self):
        """Wait until so many more were accepted."""
        aim = self.posted + EACH_PHASE
        while self.posted < aim:
            await asyncio.sleep(POLL_SECONDS)

    @asynccontextmanager
    async def running(self):
        """Keep the load up while the context lasts, then wait for the end of all."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.run())
            try:
                yield
            finally:
                self._stop.set()
        while await self.unfinished():
            await asyncio.sleep(POLL_SECONDS)


def long_graph(ichor):
    """A graph with a fan-out and steps of every kind, so that some are always in flight."""
    first = create("first", "1")
    branches = [create(f"branch{n}", "b") for n in range(3)]
    pauses = [
        ActionNode(f"00000000-0000-4000-8000-00000000000{n}", f"pause{n}", "delay", {"for": 1})
        for n in range(3)
    ]
    last = create("last", "3")
    edges = [edge(None, first)]
    for branch, pause in zip(branches, pauses, strict=True):
        edges += [edge(first, branch, "parallel"), edge(branch, pause), edge(pause, last)]
    return GraphDefinition([first, *branches, *pauses, last], edges)


@pytest.mark.parametrize("versioned", [False, True])
async def test_a_new_release_takes_over_under_load(ichor, tmp_path: Path, versioned):
    entity = await ichor.store_rule(long_graph(ichor))
    old, new = release_settings(versioned, "1"), release_settings(versioned, "2")
    newer = [sys.executable, "-m", "tests.end_to_end.kit.newer_release"]
    settings = {**ichor.settings, "PYTHONPATH": str(ROOT)}
    new_worker = Command([*newer, "worker"], settings, tmp_path / "worker.log")
    new_api = Command([*newer, "api", "serve"], settings, tmp_path / "api.log", ichor.api.port)
    async with AsyncExitStack() as stack:
        await ichor.worker.end(signal.SIGTERM)
        await ichor.worker.start(**old)
        await ichor.worker.ready()
        if versioned:
            stack.push_async_callback(make_unversioned, ichor)
            await make_current(ichor, old)
        load = Load(ichor, entity)
        async with load.running():
            await load.more()
            await new_worker.start(**new)
            stack.push_async_callback(ended, new_worker)
            await new_worker.ready()
            await load.more()
            if versioned:
                await make_current(ichor, new)
                await load.more()
            assert await ichor.worker.end(signal.SIGTERM) == 0
            await load.more()
            assert await ichor.api.end(signal.SIGTERM) == 0
            await new_api.start()
            stack.push_async_callback(ended, new_api)
            await new_api.ready()
            await load.more()
        executions = await ichor.rows(EXECUTIONS, entity)
        assert Counter(one["status"] for one in executions) == {"completed": len(executions)}
        assert len(executions) >= load.posted
        versions = Counter(one["interpreter_version"] for one in executions)
        assert min(versions[INTERPRETER_VERSION], versions[NEWER]) >= EACH_PHASE
        histories = await histories_of(ichor, [one["workflow_id"] for one in executions])
    # It would be one, too, if a worker met an interpreter that it does not know.
    assert [failed for history in histories for failed in failed_tasks(history)] == []
    changed = [history for history in histories if builds_of(history) == {"1", "2"}]
    assert bool(changed) is versioned


def release_settings(versioned, build):
    return {DEPLOYMENT: "ichor", BUILD: build} if versioned else {}


async def make_current(ichor, settings):
    command = Command(["ichor-worker", "make-current"], ichor.settings, ichor.folder / "make.log")
    await command.start(**settings)
    assert await command.ended() == 0


async def make_unversioned(ichor):
    """Let workers without version take the workflows again, for the tests that follow."""
    client = await Client.connect(ichor.temporal.address)
    await client.workflow_service.set_worker_deployment_current_version(
        SetWorkerDeploymentCurrentVersionRequest(
            namespace=client.namespace, deployment_name="ichor", ignore_missing_task_queues=True
        )
    )


async def ended(command):
    if command.is_running:
        assert await command.end(signal.SIGTERM) == 0


async def histories_of(ichor, workflow_ids):
    client = await Client.connect(ichor.temporal.address)
    return [await client.get_workflow_handle(each).fetch_history() for each in workflow_ids]


def failed_tasks(history):
    """Return why workflow tasks of a history failed."""
    return [
        event.workflow_task_failed_event_attributes.failure.message
        for event in history.events
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED
    ]


def builds_of(history):
    """Return the builds whose workers completed workflow tasks of a history."""
    return {
        event.workflow_task_completed_event_attributes.deployment_version.build_id
        for event in history.events
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
    }
