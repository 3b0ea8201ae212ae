"""Records the histories that every later version must replay: ``python -m tests.histories``.

One folder for each interpreter version; a folder that exists is never written again, because its
histories are those of executions that may still run somewhere.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from temporalio.client import (
    Client,
    WorkflowFailureError,
    WorkflowHistory,
    WorkflowUpdateFailedError,
)

from ichor_core.approval import DECIDE_UPDATE, Decision
from ichor_core.contract import EXECUTE_BRANCH_WORKFLOW, INTERPRETER_VERSION, RunOptions
from ichor_core.graph import GraphDefinition
from ichor_core.limits import Limits
from ichor_core.testing.random_graphs import random_scenario
from ichor_devstack.temporal import temporal
from ichor_runtime.converter import data_converter
from tests.engine import Engine, with_results
from tests.shapes import (
    CROSSING,
    DIAMOND,
    NESTED,
    chain,
    condition,
    detached,
    edge,
    fan,
    joined,
    long_branches,
    node,
    uid,
)

FOLDER = Path(__file__).parents[1] / "packages" / "workflows" / "tests" / "histories"
TYPES = ("task", "evaluate_condition")
QUICK = Limits(initial_interval=0.01)
CHILDREN = RunOptions(child_min_actions=2)


def _random(seed: int) -> GraphDefinition:
    scenario = random_scenario(seed, failures=False)
    return with_results(scenario.graph, scenario.results)


SHAPES: dict[str, tuple[GraphDefinition, RunOptions]] = {
    "row": (
        chain(node(1, result={"v": 1}), node(2, read="{{n1.v}} {{amount}}"), node(3)),
        RunOptions(),
    ),
    "parallel": (DIAMOND, RunOptions()),
    "wide": (fan(12), RunOptions(max_in_flight=5, max_local_in_flight=5)),
    "nested": (NESTED, RunOptions()),
    "crossing": (CROSSING, RunOptions()),
    "true-branch": (condition("true_branch"), RunOptions()),
    "false-branch": (condition("false_branch"), RunOptions()),
    "starts": (
        GraphDefinition(
            [node(1), node(2), node(3)], [edge(None, 1), edge(None, 2), edge(None, 3), edge(1, 2)]
        ),
        RunOptions(),
    ),
    "detached": (detached(), RunOptions()),
    "detached-failure": (detached(refuse="no"), RunOptions()),
    "failure": (joined(refuse="no"), RunOptions()),
    "retries": (chain(node(1, limits=QUICK, fail_attempts=2), node(2)), RunOptions()),
    "missing-reference": (chain(node(1), node(2, read="{{n1.nothing}}")), RunOptions()),
    "unknown-type": (chain(node(1, "nonsense")), RunOptions()),
    "children": (long_branches(), CHILDREN),
    "continued": (CROSSING, RunOptions(continue_as_new_after_actions=2)),
    "continued-child": (
        long_branches(),
        RunOptions(child_min_actions=2, continue_as_new_after_actions=1),
    ),
    "large": (fan(6, result={"text": "{{text}}"}), RunOptions(max_task_bytes=2_000)),
    **{f"random-{seed}": (_random(seed), CHILDREN) for seed in range(4)},
}


async def _runs(client: Client, workflow_id: str) -> AsyncIterator[WorkflowHistory]:
    """Yield the history of each run of a workflow, the last one first, and of its children."""
    run_id: str | None = None
    while True:
        history = await client.get_workflow_handle(workflow_id, run_id=run_id).fetch_history()
        yield history
        for event in history.events:
            child = event.start_child_workflow_execution_initiated_event_attributes
            if child.workflow_type.name == EXECUTE_BRANCH_WORKFLOW:
                async for inner in _runs(client, child.workflow_id):
                    yield inner
        run_id = history.events[
            0
        ].workflow_execution_started_event_attributes.continued_execution_run_id
        if not run_id:
            return


def _without_traces(entry: Any) -> Any:
    """Drop stack traces: they name the recording machine, and no replay reads them."""
    if isinstance(entry, dict):
        return {k: _without_traces(v) for k, v in entry.items() if k != "stackTrace"}
    return [_without_traces(one) for one in entry] if isinstance(entry, list) else entry


def _compact(history: WorkflowHistory) -> str:
    # Ids of children are made from the workflow id, so a replay must know it.
    entry = {"workflow_id": history.workflow_id, **history.to_json_dict()}
    return json.dumps(_without_traces(entry), separators=(",", ":"))


async def record(client: Client, engine: Engine, kind: str, folder: Path) -> int:
    """Run every shape and write its histories; return how many were written."""
    count = 0
    for name, (graph, options) in SHAPES.items():
        run = await engine.start(graph, {"amount": 7, "text": "x" * 1_000}, options)
        with suppress(WorkflowFailureError):  # some shapes are to fail
            await run.handle.result()
        async for history in _runs(client, run.handle.id):
            number = len(list(folder.glob(f"{kind}-{name}.*.json")))
            (folder / f"{kind}-{name}.{number}.json").write_text(_compact(history))
            count += 1
    count += await _record_people(client, engine, kind, folder)
    gated = chain(node(1), node(2, limits=Limits(heartbeat=0.6), gate="never"), node(3))
    run = await engine.start(gated)
    while uid(2) not in run.log.started:
        await asyncio.sleep(0.01)
    await run.handle.cancel()
    with suppress(WorkflowFailureError):
        await run.handle.result()
    (folder / f"{kind}-cancelled.0.json").write_text(_compact(await run.handle.fetch_history()))
    return count + 1


ASKING = GraphDefinition(
    [
        node(1),
        node(2, "approval_request", title="Ship it?", deadline=1),
        node(3, "delay", **{"for": 1}),
        *(node(n) for n in range(4, 8)),
    ],
    [
        edge(None, 1),
        edge(1, 2, "parallel"),
        edge(1, 3, "parallel"),
        edge(2, 4, "true_branch"),
        edge(2, 5, "false_branch"),
        edge(3, 6),
        edge(6, 7),
    ],
)


async def _record_people(client: Client, engine: Engine, kind: str, folder: Path) -> int:
    count = 0
    for name, vote, options in (
        ("approved", "approved", RunOptions()),
        ("rejected-continued", "rejected", RunOptions(continue_as_new_after_actions=1)),
        ("timed-out", None, RunOptions()),
        ("timed-out-continued", None, RunOptions(continue_as_new_after_actions=1)),
    ):
        before = {one.id for one in (await engine.approvals.list()).items}
        run = await engine.start(ASKING, options=options)
        while vote:
            new = [one for one in (await engine.approvals.list()).items if one.id not in before]
            if new:
                decision = Decision(new[0].id, vote, "ann")
                # It is stored a moment before the workflow waits for it.
                with suppress(WorkflowUpdateFailedError):
                    await run.handle.execute_update(DECIDE_UPDATE, decision)
                    break
            await asyncio.sleep(0.01)
        await run.handle.result()
        async for history in _runs(client, run.handle.id):
            number = len(list(folder.glob(f"{kind}-{name}.*.json")))
            (folder / f"{kind}-{name}.{number}.json").write_text(_compact(history))
            count += 1
    return count


async def main() -> int:
    """Record the newest interpreter's histories unless there are some."""
    folder = FOLDER / f"v{INTERPRETER_VERSION}"
    if folder.exists():
        print(f"{folder} exists: histories of a version are recorded once. A change of behaviour")
        print("needs a new interpreter version; see CONTRIBUTING.md.")
        return 2
    folder.mkdir(parents=True)
    async with temporal() as server:
        client = await Client.connect(server.address, data_converter=data_converter)
        for kind in ("local", "sync"):
            engine = Engine(client)
            async with engine.worker(dict.fromkeys(TYPES, kind)):
                count = await record(client, engine, kind, folder)
            print(f"{kind}: {count} histories")
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
