"""Every conformance scenario, simulated and on a real Temporal server."""

import asyncio
import os

import pytest

from ichor_core.simulation import simulate
from ichor_core.validation import validate
from tests.conformance.scenarios import Scenario, read
from tests.kit.engine import with_results

SHAPES = list(read("shapes.jsonl"))
REAL = list(read("real.jsonl"))
ON_SERVER = SHAPES + (REAL if os.environ.get("ICHOR_CONFORMANCE") == "all" else REAL[::4])
TYPES = (
    "task",
    "noop",
    "evaluate_condition",
    "seek_approval",
    "sub_workflow",
    "call_webhook",
    "delay",
)
AT_A_TIME = 8


def test_every_scenario_is_there():
    assert (len(SHAPES), len(REAL)) == (15, 237)
    assert len(ON_SERVER) >= 15 + 40


@pytest.mark.parametrize("scenarios", [SHAPES, REAL], ids=["shapes", "real"])
def test_simulated(scenarios: list[Scenario]):
    for scenario in scenarios:
        check_simulation(scenario)


def check_simulation(scenario: Scenario) -> None:
    assert validate(scenario.graph) == [], scenario.name
    simulation = simulate(scenario.graph, scenario.results)
    assert simulation.status == "completed"
    assert len(simulation.executed) == len(set(simulation.executed))
    assert set(simulation.executed) == scenario.executed, scenario.name
    everything = {action.id for action in scenario.graph.actions}
    assert set(simulation.skipped) == everything - scenario.executed
    position = {action_id: n for n, action_id in enumerate(simulation.executed)}
    for edge in scenario.graph.edges:
        if edge.source_action_id in position and edge.target_action_id in position:
            assert position[edge.source_action_id] < position[edge.target_action_id]


@pytest.mark.parametrize("kind", ["local", "sync"])
async def test_on_the_server(start_engine, kind):
    engine = await start_engine(**dict.fromkeys(TYPES, kind))
    queue = list(ON_SERVER if kind == "sync" else SHAPES)
    ran = 0

    async def run_some() -> None:
        nonlocal ran
        while queue:
            scenario = queue.pop()
            graph = with_results(scenario.graph, scenario.results)
            output, log = await engine.run(graph)
            assert output.status == "completed", scenario.name
            log.check(graph, scenario.executed)
            skipped = {one for one, status in log.statuses().items() if status == "skipped"}
            assert skipped == {one.id for one in graph.actions} - scenario.executed
            ran += 1

    await asyncio.gather(*(run_some() for _ in range(AT_A_TIME)))
    assert ran == len(ON_SERVER if kind == "sync" else SHAPES)
