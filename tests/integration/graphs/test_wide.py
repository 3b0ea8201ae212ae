"""Wide graphs of mixed kinds: small workflow tasks, no local action runs twice or in the way."""

import asyncio
from collections import Counter

import pytest
from temporalio.client import WorkflowHandle
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

from ichor_core.contract import RunOptions
from ichor_core.graph import GraphDefinition
from ichor_workflows import WORKFLOWS
from tests.kit.shapes import chain, edge, fan, node, uid

MAX_COMMANDS = 110
"""About a hundred actions, and timers."""


def commands(history) -> list[int]:
    """Return how many commands each completed workflow task of a history gave."""
    counts: Counter[int] = Counter()
    for event in history.events:
        for name in (
            "activity_task_scheduled_event_attributes",
            "timer_started_event_attributes",
            "marker_recorded_event_attributes",
            "start_child_workflow_execution_initiated_event_attributes",
        ):
            if event.HasField(name):
                counts[getattr(event, name).workflow_task_completed_event_id] += 1
    return list(counts.values())


async def largest_task(handle: WorkflowHandle) -> int:
    return max(commands(await handle.fetch_history()))


def mixed(width: int, **local) -> GraphDefinition:
    """Return a start, so many branches of a sync and a local action, and a join."""
    last = 2 * width + 2
    sync, then = range(2, width + 2), range(width + 2, last)
    return GraphDefinition(
        [
            node(1, "web"),
            *(node(n, "web") for n in sync),
            *(node(n, "row", **local) for n in then),
            node(last, "web"),
        ],
        [
            edge(None, 1),
            *(edge(1, n, "parallel") for n in sync),
            *(edge(n, n + width) for n in sync),
            *(edge(n, last) for n in then),
        ],
    )


@pytest.mark.parametrize("kind", ["local", "sync", "timer"])
async def test_a_workflow_task_gives_about_a_hundred_commands(start_engine, kind):
    if kind == "timer":
        engine = await start_engine(task="sync")
        graph = fan(250)
        graph = GraphDefinition(
            [
                one if one.id in (uid(1), uid(252)) else node(n, "delay", **{"for": 1})
                for n, one in enumerate(graph.actions, 1)
            ],
            graph.edges,
        )
    else:
        engine = await start_engine(task=kind)
        graph = fan(350)
    run = await engine.start(graph)
    assert (await run.handle.result()).status == "completed"
    assert await largest_task(run.handle) <= MAX_COMMANDS


async def test_local_actions_of_many_branches_run_once(start_engine):
    engine = await start_engine(web="sync", row="local")
    graph = mixed(200, sleep=0.3)
    run = await engine.start(graph)
    assert (await run.handle.result()).status == "completed"
    run.log.check(graph, {one.id for one in graph.actions})
    assert await largest_task(run.handle) <= MAX_COMMANDS


async def test_what_is_ready_starts_before_a_slow_local_action(start_engine):
    engine = await start_engine(web="sync", row="local")
    graph = GraphDefinition(
        [
            node(1, "row"),
            node(2, "row", gate="slow"),
            node(3, "web"),
            node(4, "delay", **{"for": 0.2}),
            node(5, "web"),
        ],
        [
            edge(None, 1),
            *(edge(1, n, "parallel") for n in (2, 3, 4)),
            edge(4, 5),
        ],
    )
    run = await engine.start(graph)
    async with asyncio.timeout(5):
        while uid(3) not in run.log.started:
            await asyncio.sleep(0.01)
    engine.gate("slow").set()
    assert (await run.handle.result()).status == "completed"
    run.log.check(graph, {uid(n) for n in (1, 2, 3, 5)})


@pytest.mark.parametrize(
    "options", [RunOptions(), RunOptions(max_in_flight=17, max_local_in_flight=3)]
)
async def test_it_replays(client, start_engine, options):
    """What comes back together in a replay came back one by one in the run."""
    engine = await start_engine(web="sync", row="local")
    graph = mixed(60, sleep=0.05)
    run = await engine.start(graph, options=options)
    assert (await run.handle.result()).status == "completed"
    replayer = Replayer(
        workflows=WORKFLOWS,
        data_converter=client.data_converter,
        workflow_runner=UnsandboxedWorkflowRunner(),
    )
    await replayer.replay_workflow(await run.handle.fetch_history())


async def test_a_row_of_both_kinds_needs_no_pause(start_engine):
    engine = await start_engine(web="sync", row="local")
    graph = chain(*(node(n, "web" if n % 2 else "row") for n in range(1, 60)))
    run = await engine.start(graph)
    assert (await run.handle.result()).status == "completed"
    timers = [
        event
        for event in (await run.handle.fetch_history()).events
        if event.HasField("timer_started_event_attributes")
    ]
    assert timers == []
