"""What runs until Ctrl-C can be used: by commands, by a worker of one's own, and after a kill."""

import asyncio
import json
import os
import re
import signal
import stat
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from ichor_devstack.postgres import wheel_binaries
from tests.docs.pages import pages
from tests.end_to_end.kit.command import POLL_SECONDS
from tests.end_to_end.kit.demo_process import DemoProcess, demo_process, processes_of_session
from tests.end_to_end.kit.terminal import running, typed

pytestmark = pytest.mark.servers

(FOLLOW,) = (one.code for one in pages()["docs/tracing.md"].fences if one.language == "sh")
HELD = "select json_agg(action_type) from workflow.rule_actions"
ORDER = """curl -sS $ICHOR/events -H 'Content-Type: application/json' -d '{
  "entity_name": "orders", "entity_id": "1004", "event_type": "on_create",
  "data": {"amount": 5, "items": [{"sku": "lamp", "quantity": 1}],
           "customer": {"name": "Example Tea", "email": "tea@example.com", "tier": "new"}}
}'"""


async def until_it_runs(demo: DemoProcess) -> str:
    """Wait until the story is told; returns the line that reads the variables."""
    line = await demo.read_until("# DATABASE_URL, TEMPORAL_ADDRESS")
    return line.partition(" #")[0].strip()


async def kill(demo: DemoProcess, name: str) -> None:
    """Kill a service as a crash does."""
    found = processes_of_session(demo.process.pid).items()
    (pid,) = [pid for pid, command in found if name in command]
    os.kill(pid, signal.SIGKILL)


async def status_of(variables: str, execution_id: str) -> str:
    shown = await typed(f"{variables}\ncurl -sS $ICHOR/executions/{execution_id}")
    return json.loads(shown)["status"]


async def send_order(variables: str) -> str:
    (execution,) = json.loads(await typed(f"{variables}\n{ORDER}"))["executions"]
    return execution["execution_id"]


async def completes(variables: str, execution_id: str) -> None:
    while (status := await status_of(variables, execution_id)) != "completed":
        assert status in ("pending", "running")
        await asyncio.sleep(POLL_SECONDS)


async def test_commands_reach_what_runs(tmp_path: Path):
    async with demo_process(tmp_path, "--stay") as demo:
        variables = await until_it_runs(demo)
        file = tmp_path / "env"
        assert variables == f". {file}"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        said = await typed(f"{variables}\npython -m ichor_edgestore current")
        assert said.endswith("(newest)\n")
        pruned = await typed(
            f"{variables}\npython -m ichor_edgestore prune --keep-days 9 --dry-run"
        )
        assert pruned.startswith("would remove 0 executions")
        workflows = await typed(f"{variables}\ntemporal workflow list --output json")
        assert len(json.loads(workflows)) == 4
        dead = await typed(f"{variables}\nichor-async-completer dead-letters list --json")
        assert json.loads(dead)["total"] == 0
        types = json.loads(await typed(f'{variables}\npsql "$DATABASE_URL" -Atc "{HELD}"'))
        assert "manager_approval" in types
        await typed(f'{variables}\n{wheel_binaries()}/psql "$DATABASE_URL" -Atc "select 1"')
        finished = await typed(f'{variables}\ncurl -sS "$ICHOR/executions?status=completed"')
        run = json.loads(finished)["items"][0]["id"]
        lines = await typed(f"RUN={run}\n{FOLLOW.replace('.ichor/demo', str(tmp_path))}")
        said = [json.loads(line)["message"] for line in lines.splitlines()]
        assert {"Event accepted", "Workflow started", "Execution ended"} <= set(said)
        assert "Request" not in said
        demo.process.send_signal(signal.SIGINT)
        exit_code = await demo.end()

    assert exit_code == 0
    assert "error:" not in demo.output
    assert not file.exists()


async def test_a_killed_worker_is_said_and_may_be_started_again(tmp_path: Path):
    async with demo_process(tmp_path, "--stay") as demo:
        variables = await until_it_runs(demo)
        await kill(demo, "ichor-worker")
        line = await demo.read_until("ichor-worker ended")
        assert line == (
            "ichor-worker ended (signal 9); the rest goes on. "
            f"Its log is {tmp_path / 'ichor-worker.log'}"
        )
        before = demo.output
        command = await demo.read_until(f"{variables} && PORT=")
        tail = demo.output.removeprefix(before).splitlines()[:-2]
        assert 0 < len(tail) <= 10
        assert max(map(len, tail)) <= 162
        (port,) = re.findall(r"PORT=(\d+) ichor-worker serve$", command)
        assert f"http://127.0.0.1:{port}" in before, "it answers where it did before"

        execution_id = await send_order(variables)
        assert await status_of(variables, execution_id) in ("pending", "running")
        async with running(command):
            await completes(variables, execution_id)
        demo.process.send_signal(signal.SIGINT)
        exit_code = await demo.end()
        leftovers = await demo.leftovers()

    assert (exit_code, leftovers) == (0, [])


async def test_each_other_service_is_started_again_by_what_is_said(tmp_path: Path):
    async with demo_process(tmp_path, "--stay") as demo, AsyncExitStack() as started:
        variables = await until_it_runs(demo)
        for name in ("ichor-trigger-api", "ichor-async-completer", "inventory_service"):
            await kill(demo, name)
            await demo.read_until(" ended (signal 9); the rest goes on")
            command = await demo.read_until(f"{variables} && ")
            await started.enter_async_context(running(command))
        await typed(f"{variables}\ncurl -sS --retry 60 --retry-connrefused $ICHOR/rules")
        await completes(variables, await send_order(variables))
        await started.aclose()
        demo.process.send_signal(signal.SIGINT)
        exit_code = await demo.end()

    assert exit_code == 0


async def test_a_server_that_ends_takes_everything_with_it(tmp_path: Path):
    async with demo_process(tmp_path, "--stay") as demo:
        await until_it_runs(demo)
        await kill(demo, "start-dev")
        exit_code = await demo.end()
        leftovers = await demo.leftovers()

    assert (exit_code, leftovers) == (1, [])
    assert f"error: Temporal ended (signal 9); its log is {tmp_path / 'temporal.log'}\n" in (
        demo.output
    )
    assert demo.output.endswith("Everything is stopped.\n")


async def test_the_demo_waits_for_a_worker_that_is_the_users(tmp_path: Path):
    async with demo_process(tmp_path, "--stay", "--without-worker") as demo:
        await demo.read_until("The worker is yours to start")
        command = await demo.read_until(" && ichor-worker")
        # On a free port: the usual one may be taken.
        async with running(command.replace("ichor-worker", "PORT=0 ichor-worker")):
            await until_it_runs(demo)
        demo.process.send_signal(signal.SIGINT)
        exit_code = await demo.end()
        leftovers = await demo.leftovers()

    assert (exit_code, leftovers) == (0, [])
    assert demo.output.count(" s  Order created: completed\n") == 3
    assert "✓ ichor-worker" not in demo.output


async def test_an_interruption_while_it_waits_leaves_nothing(tmp_path: Path):
    async with demo_process(tmp_path, "--stay", "--without-worker") as demo:
        await demo.read_until(" && ichor-worker")
        demo.process.send_signal(signal.SIGINT)
        exit_code = await demo.end()
        leftovers = await demo.leftovers()

    assert (exit_code, leftovers) == (128 + signal.SIGINT, [])
    assert list(tmp_path.glob("env")) == []


async def test_a_database_that_does_not_answer_is_named(tmp_path: Path):
    """As in a terminal that read the variables of a demo that has ended."""
    url = "postgresql://ichor:secret@127.0.0.1:1/ichor"
    async with demo_process(tmp_path, DATABASE_URL=url) as demo:
        exit_code = await demo.end()

    assert exit_code == 1
    assert "error: the server of DATABASE_URL cannot be used (" in demo.output
    assert "unset DATABASE_URL" in demo.output
    assert "secret" not in demo.output
