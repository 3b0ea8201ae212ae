"""Continue-as-new at every point of a graph: nothing runs twice, nothing is lost."""

import pytest

from ichor_core.contract import RunOptions
from ichor_core.graph import ActionEdge, ActionNode, GraphDefinition
from ichor_core.testing.random_graphs import random_scenario
from tests.kit.engine import with_results
from tests.kit.shapes import CROSSING, DIAMOND, chain, edge, node, uid


@pytest.mark.parametrize("kind", ["local", "sync"])
async def test_at_every_point(start_engine, kind):
    engine = await start_engine(task=kind)
    ran = {uid(n) for n in range(1, 7)}
    for actions in range(1, 7):
        options = RunOptions(continue_as_new_after_actions=actions)
        output, log = await engine.run(CROSSING, options=options)
        assert output.status == "completed"
        log.check(CROSSING, ran)
        assert log.statuses() == {uid(n): "skipped" if n == 7 else "completed" for n in range(1, 8)}
        assert log.read["n6"] == "1 2 3"
        assert log.reports[-1].runs == -(-6 // actions)
        results = {one.action_id: one.result for one in log.states().values() if one.result}
        assert results[uid(3)] == {"v": 3}


@pytest.mark.parametrize("kind", ["local", "sync"])
async def test_by_history_length(start_engine, kind):
    engine = await start_engine(task=kind)
    graph = chain(*(node(n) for n in range(1, 21)))
    options = RunOptions(continue_as_new_after_events=1)
    output, log = await engine.run(graph, options=options)
    assert output.status == "completed"
    log.check(graph, {uid(n) for n in range(1, 21)})
    assert log.reports[-1].runs == 20


async def test_running_actions_are_drained_and_failures_carried(start_engine):
    engine = await start_engine(task="sync")
    graph = GraphDefinition(
        [node(1), node(2, refuse="no"), node(3), node(4), node(5)],
        [
            edge(None, 1),
            edge(1, 2, "parallel"),
            edge(1, 3, "parallel"),
            edge(3, 4),
            edge(4, 5),
        ],
    )
    output, log = await engine.run(graph, options=RunOptions(continue_as_new_after_actions=3))
    assert output.status == "completed_with_failures"
    assert [one.action_id for one in output.failures] == [uid(2)]
    assert log.reports[-1].runs == 2
    assert log.statuses()[uid(2)] == "failed"


async def test_inside_a_child(start_engine):
    engine = await start_engine(task="local")
    options = RunOptions(continue_as_new_after_actions=1, child_min_actions=2)
    graph = GraphDefinition(
        [*DIAMOND.actions, node(5, result={"v": 5}), node(6, read="{{n5.v}}")],
        [*DIAMOND.edges[:3], edge(2, 5), edge(5, 4), edge(3, 4), edge(4, 6)],
    )
    output, log = await engine.run(graph, options=options)
    assert output.status == "completed"
    log.check(graph, {one.id for one in graph.actions})
    assert log.read["n6"] == 5


async def test_carried_results_that_are_too_large_go_by_reference(start_engine):
    """60 results of 45 KB are more than the 2 MB that an input may have."""
    engine = await start_engine(task="local")
    numbers = range(1, 61)
    reader = ActionNode(
        uid(99), "reader", "task", {"read": {f"n{n}": f"{{{{n{n}.text}}}}" for n in numbers}}
    )
    graph = GraphDefinition(
        [*(node(n, result={"text": "{{text}}"}) for n in numbers), reader],
        [
            ActionEdge(uid(1), "start"),
            *(edge(n, n + 1) for n in range(1, 60)),
            edge(60, 99),
        ],
    )
    text = "x" * 45_000
    output, log = await engine.run(
        graph, {"text": text}, RunOptions(continue_as_new_after_actions=60)
    )
    assert output.status == "completed"
    assert log.reports[-1].runs == 2
    assert log.read["reader"] == {f"n{n}": text for n in numbers}


async def test_random_graphs(start_engine):
    engine = await start_engine(task="local", evaluate_condition="local")
    for seed in range(300, 315):
        scenario = random_scenario(seed, failures=False)
        graph = with_results(scenario.graph, scenario.results)
        _, expected = await engine.run(graph)
        for actions in (1, 2, 3):
            _, log = await engine.run(
                graph, options=RunOptions(continue_as_new_after_actions=actions)
            )
            assert sorted(log.started) == sorted(expected.started), seed
            assert log.statuses() == expected.statuses(), seed
