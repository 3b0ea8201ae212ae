"""Every recorded history replays: with each hash seed, with and without sandbox.

Run as a program, it replays them all and prints how many.
"""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner, WorkflowRunner
from temporalio.workflow import NondeterminismError

from ichor_core.contract import INTERPRETER_VERSION
from ichor_runtime.temporal import data_converter
from ichor_workflows import WORKFLOWS, sandboxed_runner
from ichor_workflows.v1 import action_call
from ichor_workflows.v1.scheduler import Scheduler
from ichor_workflows.versions import INTERPRETERS

HISTORIES = Path(__file__).parent / "histories"


def read(pattern: str) -> list[WorkflowHistory]:
    entries = [json.loads(path.read_text()) for path in sorted(HISTORIES.glob(pattern))]
    return [WorkflowHistory.from_json(entry.pop("workflow_id"), entry) for entry in entries]


async def replay(histories: list[WorkflowHistory], runner: WorkflowRunner) -> dict[str, Exception]:
    """Replay the histories; return the failures by run id."""
    replayer = Replayer(workflows=WORKFLOWS, data_converter=data_converter, workflow_runner=runner)

    async def each():
        for history in histories:
            yield history

    results = await replayer.replay_workflows(each(), raise_on_replay_failure=False)
    return dict(results.replay_failures)


async def replay_all() -> int:
    histories = read("v*/*.json")
    runner = sandboxed_runner() if "--sandbox" in sys.argv else UnsandboxedWorkflowRunner()
    failures = await replay(histories, runner)
    assert not failures, failures
    return len(histories)


@pytest.mark.parametrize("sandbox", [False, True])
@pytest.mark.parametrize("hash_seed", ["0", "4242"])
def test_every_history_replays(hash_seed, sandbox):
    ran = subprocess.run(
        [sys.executable, __file__, *(["--sandbox"] if sandbox else [])],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    assert int(ran.stdout) == len(list(HISTORIES.glob("v*/*.json"))) > 50


def test_every_version_has_histories_and_an_interpreter():
    recorded = {int(path.name[1:]) for path in HISTORIES.iterdir()}
    # One that is newer than INTERPRETER_VERSION is being written: no execution has it yet.
    assert recorded == {version for version in INTERPRETERS if version <= INTERPRETER_VERSION}
    assert INTERPRETER_VERSION in INTERPRETERS


async def test_another_order_of_commands_is_noticed(monkeypatch):
    """A deliberate change of behaviour: what became ready starts in the opposite order."""
    original = Scheduler.enqueue
    monkeypatch.setattr(
        Scheduler, "enqueue", lambda self, ids: original(self, list(reversed(list(ids))))
    )
    histories = read("v1/sync-parallel.0.json") + read("v1/sync-nested.0.json")
    failures = await replay(histories, UnsandboxedWorkflowRunner())
    assert len(failures) == 2
    assert all(isinstance(error, NondeterminismError) for error in failures.values())


async def test_an_activity_too_many_is_noticed(monkeypatch):
    """A deliberate change of behaviour: skipped actions run."""
    monkeypatch.setattr("ichor_core.execution.marking.is_taken", lambda edge, result: True)
    failures = await replay(read("v1/*-true-branch.0.json"), UnsandboxedWorkflowRunner())
    assert len(failures) == 2


async def test_another_activity_for_async_actions_is_noticed(monkeypatch):
    """A deliberate change of behaviour: the activity that asks has another name."""
    monkeypatch.setattr(action_call, "EXECUTE_ASYNC_ACTION_ACTIVITY", "AskActivity")
    failures = await replay(read("v1/async-row.0.json"), UnsandboxedWorkflowRunner())
    assert [type(error) for error in failures.values()] == [NondeterminismError]


async def test_the_sandbox_finds_nothing_to_object_to():
    """Importing and instantiating the workflows in the sandbox needs no server."""
    assert await replay([], sandboxed_runner()) == {}


if __name__ == "__main__":
    print(asyncio.run(replay_all()))
