"""The engine against the independent reference model, on random graphs.

`ICHOR_PROPERTY_GRAPHS` says how many graphs (500; `make properties`: 20,000).
"""

import hashlib
import os
import subprocess
import sys
from random import Random

import pytest

from ichor_core import exact_json
from ichor_core.execution.branch_graph import cut_branch
from ichor_core.execution.context_plan import ContextPlan
from ichor_core.execution.marking import Marking
from ichor_core.execution.outcome import end_status
from ichor_core.expressions.template import resolve_templates
from ichor_core.graph.branches import closed_branches, detached_actions
from ichor_core.graph.definition import GraphDefinition
from ichor_core.graph.executor import GraphExecutor
from ichor_core.graph.mermaid import to_mermaid
from ichor_core.simulation.simulation import simulate
from ichor_core.testing import reference_model
from ichor_core.testing.random_graphs import Scenario, random_scenario, with_references
from ichor_core.validation.checks import validate

GRAPHS = int(os.environ.get("ICHOR_PROPERTY_GRAPHS", "500"))
CHUNKS = 10


def scenarios(chunk: int):
    for seed in range(chunk, GRAPHS, CHUNKS):
        yield seed, with_references(random_scenario(seed), seed)


def shuffled(graph: GraphDefinition, random: Random) -> GraphDefinition:
    return GraphDefinition(
        random.sample(graph.actions, len(graph.actions)),
        random.sample(graph.edges, len(graph.edges)),
    )


def run(scenario: Scenario, graph: GraphDefinition, random: Random):
    """Run to the end, completing running actions in random order, written out at every step."""
    executor = GraphExecutor(graph)
    plan = ContextPlan(executor, {})
    marking = Marking(executor)
    running = marking.start()
    started = list(running)
    done: dict[str, dict] = {}
    seen: dict[str, object] = {}
    while running:
        action = executor.get_action(running.pop(random.randrange(len(running))))
        context = plan.needs(executor.number[action.id]).context({}, done)
        seen[action.id] = resolve_templates(action.config, context)
        result = scenario.results[action.id]
        if "$error" in result:
            marking.fail(action.id)
        else:
            done[action.name] = result
            ready = marking.complete(action.id, result)
            running += ready
            started += ready
        restored = Marking(executor, marking.to_text())
        assert sorted(restored.start()) == sorted(running)
        marking = restored
    return started, marking, seen


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_marking_agrees_with_the_reference(chunk):
    for seed, scenario in scenarios(chunk):
        graph = scenario.graph
        expected = reference_model.statuses(graph, scenario.results)
        first = None
        for order in range(3):
            random = Random(seed * 7 + order)
            started, marking, seen = run(scenario, shuffled(graph, random), random)
            assert marking.statuses() == expected, seed
            assert marking.is_finished
            assert len(started) == len(set(started)), f"an action ran twice: seed {seed}"
            first = first or seen
            assert seen == first, f"timing changed what a template resolves to: seed {seed}"
        executor = GraphExecutor(graph)
        assert end_status(executor, marking.with_status("failed")) == reference_model.end_status(
            graph, expected
        ), seed
        simulation = simulate(graph, scenario.results)
        ran = {one for one, status in expected.items() if status in ("completed", "failed")}
        assert set(simulation.executed) == ran
        assert len(simulation.executed) == len(ran)


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_graph_questions_agree_with_the_reference(chunk):
    for seed, scenario in scenarios(chunk):
        graph = scenario.graph
        executor = GraphExecutor(graph)
        assert [issue for issue in validate(graph) if issue.severity == "error"] == [], seed
        assert detached_actions(executor) == reference_model.detached(graph), seed
        random = Random(seed)
        actions = list(executor.actions)
        heads = random.sample(actions, min(len(actions), random.randint(1, 4)))
        point = executor.find_convergence_point(heads)
        if len(heads) < 2:
            assert point is None
        else:
            expected = reference_model.convergence_point(graph, [head.id for head in heads])
            assert (point.id if point else None) == expected, seed
        one, other = random.choice(actions), random.choice(actions)
        assert executor.path_leads_to(one.id, other.id) == (
            other.id in reference_model.reach(graph, one.id)
        )


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_closed_branches_run_on_their_own_with_equal_results(chunk):
    found = 0
    for seed, scenario in scenarios(chunk):
        executor = GraphExecutor(scenario.graph)
        for branch in closed_branches(executor, 2):
            found += 1
            check_closed(scenario.graph, branch)
            expected = reference_model.statuses(scenario.graph, scenario.results)
            if expected[branch.head] in ("skipped", "blocked"):
                continue
            done = {
                action.name: scenario.results[action.id]
                for action in executor.actions
                if expected[action.id] == "completed"
            }
            plan = ContextPlan(executor, {})
            cut = cut_branch(executor, plan, branch, {}, done)
            inner_executor = GraphExecutor(cut.graph)
            inner_plan = ContextPlan(
                inner_executor, {}, [*cut.context.action_results, *cut.context.without_result]
            )
            inner = Scenario(cut.graph, scenario.results)
            _, marking, _ = run(inner, cut.graph, Random(seed))
            assert marking.statuses() == {one: expected[one] for one in branch.members}, seed
            for action_id in branch.members:
                action = executor.get_action(action_id)
                outside = plan.needs(executor.number[action_id]).context({}, done)
                inside = inner_plan.needs(inner_executor.number[action_id]).context({}, done)
                assert resolve_templates(action.config, inside) == resolve_templates(
                    action.config, outside
                ), seed
            adopted = Marking(executor)
            running = adopted.start()
            while running:
                action_id = running.pop()
                if action_id == branch.head:
                    running += adopted.adopt(branch.members, marking.to_text())
                elif "$error" in scenario.results[action_id]:
                    adopted.fail(action_id)
                else:
                    running += adopted.complete(action_id, scenario.results[action_id])
            assert adopted.statuses() == expected, seed
    assert found, "no closed branch came up: the test tested nothing"


def check_closed(graph: GraphDefinition, branch) -> None:
    """Check the words of the semantics: entered at the head only, left to one point only."""
    members = set(branch.members)
    for edge in graph.edges:
        enters = edge.target_action_id in members and edge.source_action_id not in members
        leaves = edge.source_action_id in members and edge.target_action_id not in members
        assert not enters or edge.target_action_id == branch.head
        assert not leaves or edge.target_action_id == branch.convergence_point
    behind = (
        reference_model.reach(graph, branch.convergence_point)
        if branch.convergence_point
        else set()
    )
    assert members == reference_model.reach(graph, branch.head) - behind


def digest() -> str:
    total = hashlib.sha256()
    for seed in range(60):
        scenario = with_references(random_scenario(seed, max_actions=25), seed)
        random = Random(seed)
        graph = shuffled(scenario.graph, random)
        executor = GraphExecutor(graph)
        total.update(exact_json.encode(simulate(graph, scenario.results, {})))
        total.update(exact_json.encode(validate(graph)))
        total.update(exact_json.encode(closed_branches(executor, 2)))
        total.update(to_mermaid(graph).encode())
    return total.hexdigest()


def test_hash_seed_changes_nothing():
    answers = set()
    for hash_seed in ("0", "1", "4242"):
        answer = subprocess.run(
            [sys.executable, __file__],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        )
        answers.add(answer.stdout.strip())
    assert len(answers) == 1
    assert answers == {digest()}


if __name__ == "__main__":
    print(digest())
