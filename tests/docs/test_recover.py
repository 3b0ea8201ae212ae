"""What docs/how-to/recover.md says of reruns and of a lost Temporal, tried on real servers."""

import asyncio
import json
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from temporalio.client import Client

from ichor_core.graph import ActionNode, GraphDefinition
from ichor_devstack.temporal import temporal
from tests.docs.pages import pages
from tests.end_to_end.kit.command import POLL_SECONDS
from tests.end_to_end.kit.gated_target import gated_target
from tests.end_to_end.kit.installation import Installation, chain, create, edge

pytestmark = [pytest.mark.servers, pytest.mark.timeout(180)]

RECOVER = pages()["docs/how-to/recover.md"]
(START_AGAIN,) = (fence.code for fence in RECOVER.fences if fence.language == "sql")
(SEND_AGAIN,) = (fence for fence in RECOVER.fences if "$ICHOR/events" in fence.code)
(TERMINATE,) = (fence.code for fence in RECOVER.fences if "workflow terminate" in fence.code)
BIN = Path(sys.executable).parent
COUNT = "SELECT count(*) FROM public.steps WHERE name = $1"


@pytest.fixture(scope="module")
async def ichor() -> AsyncIterator[Installation]:
    """Give an installation whose Temporal forgets everything when it ends."""
    with tempfile.TemporaryDirectory(prefix="ichor-recover-") as folder:
        async with gated_target() as target, temporal() as engine:
            installation = Installation(Path(folder), target, engine)
            await installation.open()
            try:
                await installation.api.start(SWEEP_SECONDS="0.2")
                await installation.bring_up()
                yield installation
            finally:
                await installation.close()


def asking(first: str, last: str) -> GraphDefinition:
    """A graph that writes, asks somebody, and writes."""
    before, after = create("before", first), create("after", last)
    ask = ActionNode(str(uuid4()), "ask", "approval_request", {"title": "Go on?"})
    graph = chain(before, ask)
    return GraphDefinition([*graph.actions, after], [*graph.edges, edge(ask, after, "true_branch")])


async def pending_approval(ichor: Installation, execution_id: str) -> str:
    """Wait until somebody is asked."""
    while True:
        found = (await ichor.ask("GET", f"/approvals?execution_id={execution_id}")).json()["items"]
        if found:
            return found[0]["id"]
        await asyncio.sleep(POLL_SECONDS)


async def approve(ichor: Installation, approval_id: str) -> None:
    decision = {"user": "mia", "vote": "approved"}
    while True:  # 503 as long as no worker has the workflow
        answer = await ichor.ask("POST", f"/approvals/{approval_id}/decision", decision)
        if answer.status_code == 200:
            return
        assert answer.status_code in (409, 503), answer.text
        await asyncio.sleep(POLL_SECONDS)


async def shell(script: str, **variables: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *("bash", "-euo", "pipefail", "-c", script),
        env={**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", **variables},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output = (await process.communicate())[0].decode()
    assert process.returncode == 0, output
    return output


async def test_executions_that_temporal_forgot_are_started_again(ichor: Installation):
    execution_id = await ichor.begin(asking("lost: before", "lost: after"))
    await pending_approval(ichor, execution_id)
    await ichor.temporal.kill()
    await ichor.temporal.start()

    lost = await ichor.end_of(execution_id)
    assert (lost["status"], lost["error"]["type"]) == ("failed", "WorkflowLost")
    assert (await ichor.ask("GET", f"/approvals?execution_id={execution_id}")).json()["items"] == []

    connection = await asyncpg.connect(ichor.dsn)
    for _ in range(2):  # the second time there is nothing to do
        await connection.execute(START_AGAIN)
    await connection.close()
    await approve(ichor, await pending_approval(ichor, execution_id))
    end = await ichor.end_of(execution_id)

    assert end["status"] == "completed"
    assert await ichor.sql(COUNT, "lost: before") == [1]
    assert await ichor.sql(COUNT, "lost: after") == [1]


async def test_an_event_is_sent_again_from_what_its_execution_shows(ichor: Installation):
    entity = await ichor.store_rule(chain(create("only", "sent again")))
    (first,) = (await ichor.post_event(entity))["executions"]
    await ichor.end_of(first["execution_id"])
    output = await shell(
        SEND_AGAIN.code,
        ICHOR=f"{ichor.api.url}/api/v1/workflow",
        RUN=first["execution_id"],
    )
    (shown,) = (
        after.code.strip() for fence, after in pairwise(RECOVER.fences) if fence is SEND_AGAIN
    )
    assert shown in output
    (second,) = json.loads(output[output.index("{") :])["executions"]
    assert (await ichor.end_of(second["execution_id"]))["status"] == "completed"
    assert second["execution_id"] != first["execution_id"]
    assert await ichor.sql(COUNT, "sent again") == [2]


async def test_a_stuck_execution_is_terminated(ichor: Installation):
    execution_id = await ichor.begin(asking("stuck: before", "stuck: after"))
    await pending_approval(ichor, execution_id)
    await ichor.worker.end(signal.SIGTERM)
    shown = await ichor.execution(execution_id)
    assert (shown["status"], shown["live"]) == ("running", False)
    assert "no worker answered" in shown["live_reason"]
    workflow_id = shown["workflow_id"]
    await shell(TERMINATE, WORKFLOW_ID=workflow_id, TEMPORAL_ADDRESS=ichor.temporal.address)
    end = await ichor.end_of(execution_id)
    assert (end["status"], end["error"]["type"]) == ("failed", "Terminated")
    client = await Client.connect(ichor.temporal.address)
    assert (await client.get_workflow_handle(workflow_id).describe()).status.name == "TERMINATED"
    await ichor.bring_up()
