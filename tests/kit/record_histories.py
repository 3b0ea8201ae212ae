"""Records the histories that every later version must replay.

Run it by ``python -m tests.kit.record_histories``.

One folder for each interpreter version. A history that is there is never written again, because it
is that of executions that may still run somewhere; what a new shape adds is recorded beside it.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any

from temporalio.client import (
    Client,
    WorkflowFailureError,
    WorkflowHistory,
    WorkflowUpdateFailedError,
)

from ichor_core.contract import (
    DECIDE_UPDATE,
    EXECUTE_BRANCH_WORKFLOW,
    INTERPRETER_VERSION,
    Decision,
    RunOptions,
)
from ichor_core.graph import GraphDefinition
from ichor_core.limits import Limits
from ichor_core.testing.random_graphs import random_scenario
from ichor_devstack.rabbitmq import rabbitmq
from ichor_devstack.temporal import temporal
from ichor_runtime.amqp import Topology, open_channel
from ichor_runtime.temporal import data_converter
from tests.kit import async_shapes
from tests.kit.async_rig import AsyncRig
from tests.kit.engine import Engine, Run, with_results
from tests.kit.shapes import (
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

FOLDER = Path(__file__).parents[2] / "packages" / "workflows" / "tests" / "histories"
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

PEOPLE: dict[str, tuple[str | None, RunOptions]] = {
    "approved": ("approved", RunOptions()),
    "rejected-continued": ("rejected", RunOptions(continue_as_new_after_actions=1)),
    "timed-out": (None, RunOptions()),
    "timed-out-continued": (None, RunOptions(continue_as_new_after_actions=1)),
}
"""What is decided of `ASKING`; None: nothing, in time."""

CANCELLED = "cancelled"
GATED = chain(node(1), node(2, limits=Limits(heartbeat=0.6), gate="never"), node(3))
TRIGGER_DATA = {"amount": 7, "text": "x" * 1_000}

NAMES: dict[str, tuple[str, ...]] = {
    "local": (*SHAPES, *PEOPLE, CANCELLED),
    "sync": (*SHAPES, *PEOPLE, CANCELLED),
    "async": (*async_shapes.SHAPES, CANCELLED),
}
"""What is recorded of each kind."""


def missing(folder: Path, kind: str) -> list[str]:
    """Return what is not recorded yet."""
    return [name for name in NAMES[kind] if not any(folder.glob(f"{kind}-{name}.*.json"))]


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


async def _write(client: Client, workflow_id: str, folder: Path, name: str) -> int:
    """Write the history of each run; return how many there were."""
    count = 0
    async for history in _runs(client, workflow_id):
        with (folder / f"{name}.{count}.json").open("x") as file:  # what is there stays
            file.write(_compact(history))
        count += 1
    return count


async def _record(engine: Engine, kind: str, names: Collection[str], folder: Path) -> int:
    """Run what is named, and write its histories; return how many were written."""
    count = 0
    for name in names:
        if name in SHAPES:
            graph, options = SHAPES[name]
            run = await engine.start(graph, TRIGGER_DATA, options)
        elif name in PEOPLE:
            run = await _ask_people(engine, *PEOPLE[name])
        else:
            run = await engine.start(GATED)
            while uid(2) not in run.log.started:
                await asyncio.sleep(0.01)
            await run.handle.cancel()
        with suppress(WorkflowFailureError):  # some are to fail
            await run.handle.result()
        count += await _write(engine.client, run.handle.id, folder, f"{kind}-{name}")
    return count


async def _ask_people(engine: Engine, vote: str | None, options: RunOptions) -> Run:
    before = {one.id for one in (await engine.approvals.list()).items}
    run = await engine.start(ASKING, options=options)
    while vote:
        new = [one for one in (await engine.approvals.list()).items if one.id not in before]
        if new:
            decision = Decision(approval_id=new[0].id, vote=vote, user="ann")
            # It is stored a moment before the workflow waits for it.
            with suppress(WorkflowUpdateFailedError):
                await run.handle.execute_update(DECIDE_UPDATE, decision)
                break
        await asyncio.sleep(0.01)
    return run


async def _record_async(rig: AsyncRig, names: Collection[str], folder: Path) -> int:
    """Run what is named, answered over RabbitMQ; return how many histories were written."""
    count = 0
    async with AsyncExitStack() as stack:
        channel = await stack.enter_async_context(open_channel(rig.amqp_url, "other-system"))
        await rig.listen(channel)
        await stack.enter_async_context(rig.worker())
        await stack.enter_async_context(rig.completer())
        answering = asyncio.create_task(async_shapes.answer_all(rig, channel))
        stack.callback(answering.cancel)
        for name in names:
            graph, options = async_shapes.SHAPES.get(name, (async_shapes.PENDING, RunOptions()))
            handle = await rig.start(graph, TRIGGER_DATA, options)
            if name == CANCELLED:
                while not any(handle.id.endswith(one.execution_id) for one in rig.taken):
                    await asyncio.sleep(0.01)
                await handle.cancel()
            with suppress(WorkflowFailureError):  # some are to fail
                await handle.result()
            count += await _write(rig.client, handle.id, folder, f"async-{name}")
    return count


async def main() -> None:
    """Record what is missing of the newest interpreter."""
    folder = FOLDER / f"v{INTERPRETER_VERSION}"
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {kind: names for kind in NAMES if (names := missing(folder, kind))}
    if not wanted:
        print(f"every history of interpreter {INTERPRETER_VERSION} is there. They are recorded")
        print("once: a change of behaviour needs a new version; see CONTRIBUTING.md.")
        return
    async with temporal() as server:
        client = await Client.connect(server.address, data_converter=data_converter)
        for kind, names in wanted.items():
            if kind == "async":
                async with rabbitmq() as broker:
                    rig = AsyncRig(client, broker.url, Topology("histories"))
                    count = await _record_async(rig, names, folder)
            else:
                engine = Engine(client)
                async with engine.worker(dict.fromkeys(TYPES, kind)):
                    count = await _record(engine, kind, names, folder)
            print(f"{kind}: {count} histories of {len(names)} shapes")


if __name__ == "__main__":
    asyncio.run(main())
