"""The table of edge types, and who reads it."""

from typing import get_args
from uuid import UUID

import pytest

from ichor_core.graph.definition import ActionEdge, ActionNode, GraphDefinition
from ichor_core.graph.edge_types import (
    EDGE_TYPES,
    FALSE_BRANCH,
    OUTPUTS,
    START,
    TRUE_BRANCH,
    EdgeType,
    named_output,
    output_of_decision,
)
from ichor_core.graph.mermaid import to_mermaid

ONE, OTHER = (str(UUID(int=number)) for number in (1, 2))


def test_every_type_has_a_row():
    assert tuple(EDGE_TYPES) == get_args(EdgeType)


def test_only_start_comes_from_the_start():
    assert [name for name, traits in EDGE_TYPES.items() if traits.is_start] == [START]


def test_every_output_has_an_edge_type():
    assert [traits.output for traits in EDGE_TYPES.values() if traits.output] == list(OUTPUTS)


@pytest.mark.parametrize("named", [None, 1, True, "", "TRUE_BRANCH", ["true_branch"], {}])
def test_a_result_that_names_no_output(named):
    assert named_output({"branch_taken": named}) is None
    assert named_output({}) is None


def test_a_decision_names_its_output():
    assert [output_of_decision(True), output_of_decision(False)] == [TRUE_BRANCH, FALSE_BRANCH]
    assert [named_output({"branch_taken": output}) for output in OUTPUTS] == list(OUTPUTS)


@pytest.mark.parametrize("name", [name for name in EDGE_TYPES if name != START])
def test_the_label_is_drawn(name):
    actions = [ActionNode(ONE, "one", "task"), ActionNode(OTHER, "other", "task")]
    text = to_mermaid(GraphDefinition(actions, [ActionEdge(OTHER, name, ONE)]))
    label = EDGE_TYPES[name].label
    assert (f"a0 -->|{label}| a1" if label else "a0 --> a1") in text
