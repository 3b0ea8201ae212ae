"""Long and wide graphs complete, and the history grows with the actions, not with their square."""

import pytest

from ichor_core.contract import RunOptions
from ichor_core.graph import GraphDefinition
from tests.kit.shapes import chain, fan, node

ONE_RUN = RunOptions(continue_as_new_after_events=50_000)
VALUE = "v" * 200


def row(length: int):
    """Return a row in which every action reads the result of the one before."""
    return chain(
        node(1, result={"v": VALUE}),
        *(node(n, result={"v": f"{{{{n{n - 1}.v}}}}"}) for n in range(2, length + 1)),
    )


async def history_of(engine, graph) -> tuple[int, int]:
    """Run a graph; return the events and bytes of its history."""
    run = await engine.start(graph, options=ONE_RUN)
    assert (await run.handle.result()).status == "completed"
    run.log.check(graph, {action.id for action in graph.actions})
    info = (await run.handle.describe()).raw_description.workflow_execution_info
    return info.history_length, info.history_size_bytes


@pytest.mark.parametrize(("kind", "most_events"), [("local", 2), ("sync", 7)])
async def test_history_is_linear(start_engine, kind, most_events):
    engine = await start_engine(task=kind)
    per_action = []
    for length in (10, 100, 400):
        events, size = await history_of(engine, row(length))
        assert events <= most_events * length
        per_action.append(size / length)
    assert max(per_action) < 1.5 * min(per_action)


@pytest.mark.parametrize("kind", ["local", "sync"])
async def test_1000_in_a_row(start_engine, kind):
    engine = await start_engine(task=kind)
    graph = row(1_000)
    output, log = await engine.run(graph)
    assert output.status == "completed"
    log.check(graph, {action.id for action in graph.actions})
    assert set(log.statuses().values()) == {"completed"}
    assert len(log.statuses()) == 1_000


@pytest.mark.parametrize("kind", ["local", "sync"])
async def test_500_in_parallel(start_engine, kind):
    engine = await start_engine(task=kind)
    graph = fan(500, result={"v": VALUE})
    output, log = await engine.run(graph)
    assert output.status == "completed"
    log.check(graph, {action.id for action in graph.actions})


async def test_long_branches_run_as_children(start_engine):
    """Two closed branches of 120 actions each: by default, such branches are children."""
    engine = await start_engine(task="local")
    one, other = range(2, 122), range(122, 242)
    edges = [*chain(node(1), *(node(n) for n in one)).edges]
    edges += chain(node(1), *(node(n) for n in other)).edges[1:]
    edges += chain(node(121), node(242)).edges[1:] + chain(node(241), node(242)).edges[1:]
    graph = GraphDefinition([node(n) for n in range(1, 243)], edges)
    run = await engine.start(graph)
    assert (await run.handle.result()).status == "completed"
    run.log.check(graph, {action.id for action in graph.actions})
    assert set(run.log.statuses().values()) == {"completed"}
    assert len(run.log.statuses()) == 242
    started = [
        event
        async for event in run.handle.fetch_history_events()
        if event.HasField("start_child_workflow_execution_initiated_event_attributes")
    ]
    assert len(started) == 2
