"""The questions of the seed's executor."""

from uuid import UUID

import pytest

from ichor_core.errors import MarkingError, UnknownActionError
from ichor_core.execution.marking import Marking
from ichor_core.graph.definition import ActionEdge, ActionNode, GraphDefinition
from ichor_core.graph.executor import GraphExecutor
from ichor_core.ids import derive_execution_id, derive_workflow_id


def uid(number):
    return str(UUID(int=number))


ACTIONS = [ActionNode(uid(n), f"n{n}", "task") for n in range(1, 7)]
GRAPH = GraphDefinition(
    ACTIONS,
    [
        ActionEdge(uid(1), "start"),
        ActionEdge(uid(4), "always", uid(1), 3),
        ActionEdge(uid(2), "true_branch", uid(1), 1),
        ActionEdge(uid(3), "false_branch", uid(1), 2),
        ActionEdge(uid(5), "sequence", uid(2)),
        ActionEdge(uid(5), "sequence", uid(3)),
        ActionEdge(uid(6), "sequence", uid(5)),
    ],
)


def names(actions):
    return [action.name for action in actions]


def test_who_follows_whom():
    executor = GraphExecutor(GRAPH)
    assert executor.graph is GRAPH
    assert names(executor.get_start_actions()) == ["n1"]
    assert names(executor.get_next_actions(uid(1), {"branch_taken": "true_branch"})) == ["n2", "n4"]
    assert names(executor.get_next_actions(uid(1), {"branch_taken": "false_branch"})) == [
        "n3",
        "n4",
    ]
    assert names(executor.get_next_actions(uid(1), {})) == ["n4"]
    assert executor.get_next_actions(uid(6), {}) == []
    assert executor.has_multiple_incoming(uid(5))
    assert not executor.has_multiple_incoming(uid(2))
    assert executor.path_leads_to(uid(2), uid(6))
    assert not executor.path_leads_to(uid(4), uid(6))


def test_convergence_point():
    executor = GraphExecutor(GRAPH)
    two, three, four = (executor.get_action(uid(n)) for n in (2, 3, 4))
    assert executor.find_convergence_point([two, three]).name == "n5"
    assert executor.find_convergence_point([two, four]) is None
    assert executor.find_convergence_point([two]) is None
    assert executor.find_convergence_point([]) is None
    six = executor.get_action(uid(6))
    assert executor.find_convergence_point([two, six]).name == "n6"


def test_unknown_action():
    with pytest.raises(UnknownActionError, match="no action"):
        GraphExecutor(GRAPH).get_action(uid(99))


def test_ids_are_normalised():
    node = ActionNode("ABCDEFAB-0000-0000-0000-000000000000", "x", "task")
    executor = GraphExecutor(GraphDefinition([node], []))
    assert executor.get_action(UUID("abcdefab-0000-0000-0000-000000000000")).name == "x"


def test_marking_refuses_what_cannot_be():
    executor = GraphExecutor(GRAPH)
    marking = Marking(executor)
    marking.start()
    with pytest.raises(MarkingError, match="waiting, not running"):
        marking.complete(uid(2), {})
    marking.complete(uid(1), {})
    with pytest.raises(MarkingError, match="completed, not running"):
        marking.fail(uid(1))
    with pytest.raises(MarkingError, match="unknown"):
        marking.fail(uid(99))
    with pytest.raises(MarkingError, match="not a marking"):
        Marking(executor, "zz")


def test_execution_ids_are_derived():
    one = derive_execution_id(uid(1), uid(2))
    assert one == derive_execution_id(uid(1), uid(2))
    assert one != derive_execution_id(uid(2), uid(1))
    assert derive_workflow_id(uid(1), "e", one) == f"workflow-{uid(1)}-e-{one}"
