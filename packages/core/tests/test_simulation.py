"""Simulation beyond the conformance scenarios."""

from itertools import pairwise
from uuid import UUID

import pytest

from ichor_core.errors import InvalidGraphError
from ichor_core.graph import ActionEdge, ActionNode, GraphDefinition
from ichor_core.simulation import simulate


def uid(number):
    return str(UUID(int=number))


def test_detached_failure_does_not_fail_the_execution():
    graph = GraphDefinition(
        [ActionNode(uid(n), f"n{n}", "task") for n in range(1, 4)],
        [
            ActionEdge(uid(1), "start"),
            ActionEdge(uid(2), "parallel", uid(1)),
            ActionEdge(uid(3), "parallel", uid(1), 1),
        ],
    )
    simulation = simulate(graph, {"n2": {"$error": "down"}})
    assert simulation.status == "completed_with_failures"
    assert simulation.failed == [uid(2)]
    assert simulation.executed == [uid(1), uid(2), uid(3)]
    assert simulation.failures[0].action_name == "n2"


def test_a_template_that_finds_nothing_fails_its_action():
    graph = GraphDefinition(
        [ActionNode(uid(1), "a", "task", {"x": "{{total}}"}), ActionNode(uid(2), "b", "task")],
        [ActionEdge(uid(1), "start"), ActionEdge(uid(2), "sequence", uid(1))],
    )
    assert simulate(graph).status == "completed"
    simulation = simulate(graph, trigger_data={"totl": 1})
    assert simulation.status == "failed"
    assert simulation.blocked == [uid(2)]
    assert "it has totl" in simulation.failures[0].message
    assert simulate(graph, trigger_data={"total": 1}).configs == {uid(1): {"x": 1}, uid(2): {}}


def test_an_invalid_graph_is_refused_with_its_issues():
    graph = GraphDefinition([ActionNode(uid(1), "a", "task")], [])
    with pytest.raises(InvalidGraphError) as caught:
        simulate(graph)
    assert [issue.code for issue in caught.value.issues] == ["no_start"]


def test_ten_thousand_in_a_row_do_not_recurse():
    size = 10_000
    ids = [uid(n + 1) for n in range(size)]
    graph = GraphDefinition(
        [ActionNode(one, f"n{n}", "task") for n, one in enumerate(ids)],
        [
            ActionEdge(ids[0], "start"),
            *(ActionEdge(later, "sequence", one) for one, later in pairwise(ids)),
        ],
    )
    assert simulate(graph).executed == ids
