"""Simulation beyond the conformance scenarios."""

from itertools import pairwise
from uuid import UUID

import pytest

from ichor_core.action_type import ActionType
from ichor_core.graph.definition import ActionEdge, ActionNode, GraphDefinition
from ichor_core.simulation.simulation import simulate
from ichor_core.validation.issues import InvalidGraphError


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


def branching(condition, *before):
    """Return a graph: the actions before, then `is_gold`, then `yes` or `no`."""
    decides = ActionNode(uid(9), "is_gold", "evaluate_condition", {"condition": condition})
    nodes = [
        *before,
        decides,
        ActionNode(uid(10), "yes", "task"),
        ActionNode(uid(11), "no", "task"),
    ]
    ids = [None, *(node.id for node in before), decides.id]
    edges = [ActionEdge(later, "sequence" if one else "start", one) for one, later in pairwise(ids)]
    edges += [
        ActionEdge(uid(10), "true_branch", decides.id),
        ActionEdge(uid(11), "false_branch", decides.id),
    ]
    return GraphDefinition(nodes, edges)


GOLD = {"field": "customer.tier", "operator": "equals", "value": "gold"}


def test_a_condition_is_evaluated_where_trigger_data_is_given():
    graph = branching(GOLD)
    for tier, taken in (("gold", uid(10)), ("lead", uid(11))):
        simulation = simulate(graph, trigger_data={"customer": {"tier": tier}})
        assert simulation.executed == [uid(9), taken]
        assert simulation.issues == []
    assert simulate(graph, trigger_data={}).executed == [uid(9), uid(11)]


def test_a_given_result_goes_before_the_condition():
    results = {"is_gold": {"branch_taken": "false_branch"}}
    simulation = simulate(branching(GOLD), results, {"customer": {"tier": "gold"}})
    assert simulation.executed == [uid(9), uid(11)]
    failed = simulate(branching(GOLD), {"is_gold": {"$error": "no"}}, {})
    assert failed.failed == [uid(9)]


@pytest.mark.parametrize("results", [{}, {"is_gold": {"result": True}}])
def test_without_trigger_data_it_is_said_that_no_branch_is_taken(results):
    simulation = simulate(branching(GOLD), results)
    assert simulation.executed == [uid(9)]
    (issue,) = simulation.issues
    assert (issue.severity, issue.action_id) == ("warning", uid(9))
    assert "'is_gold' has no branch_taken in results, so neither branch is taken" in issue.message
    assert "trigger_data" in issue.message


def test_a_condition_on_a_result_that_is_not_given_stays_open():
    condition = {"field": "check.score", "operator": "greater_than", "value": "{{limit}}"}
    graph = branching(condition, ActionNode(uid(1), "check", "task"))
    simulation = simulate(graph, trigger_data={"limit": 5})
    assert simulation.executed == [uid(1), uid(9)]
    (issue,) = simulation.issues
    assert issue.message.endswith("the result of 'check' is not given")
    for score, taken in ((6, uid(10)), (5, uid(11))):
        simulation = simulate(graph, {"check": {"score": score}}, {"limit": 5})
        assert simulation.executed == [uid(1), uid(9), taken]


def test_values_that_are_set_need_not_be_given():
    types = {
        "set_values": ActionType(type="set_values", title="Set", kind="local", result_key="values")
    }
    values = ActionNode(uid(1), "order", "set_values", {"values": {"tier": "{{tier|trim}}"}})
    graph = branching({**GOLD, "field": "order.tier"}, values)
    simulation = simulate(graph, trigger_data={"tier": " gold "}, types=types)
    assert simulation.executed == [uid(1), uid(9), uid(10)]
    assert simulate(graph, trigger_data={"tier": " gold "}).issues != []


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ({**GOLD, "operator": "equal"}, "$.condition.operator: unknown operator"),
        (
            {**GOLD, "field": "{{customer.tier}}"},
            "$.condition.field: '{{customer.tier}}' has braces",
        ),
        ({**GOLD, "operator": "less_than"}, "cannot compare"),
        ({**GOLD, "field": "customer | trim"}, "not a plain reference"),
    ],
)
def test_a_condition_that_fails_when_it_runs_fails_here(condition, message):
    simulation = simulate(branching(condition), trigger_data={"customer": {"tier": 3}})
    assert simulation.failed == [uid(9)]
    assert message in simulation.failures[0].message


def test_other_actions_with_branches_are_named_too():
    asks = ActionNode(uid(1), "manager", "manager_approval")
    graph = GraphDefinition(
        [asks, ActionNode(uid(2), "b", "task")],
        [ActionEdge(uid(1), "start"), ActionEdge(uid(2), "true_branch", uid(1))],
    )
    (issue,) = simulate(graph, trigger_data={}).issues
    assert issue.message == ("'manager' has no branch_taken in results, so neither branch is taken")
    assert simulate(graph, {"manager": {"branch_taken": "false_branch"}}, {}).issues == []
