"""Drawings: names as labels in every script, shapes, edge types, states."""

from uuid import UUID

from ichor_core.graph.definition import ActionEdge, ActionNode, GraphDefinition
from ichor_core.graph.mermaid import escape_label, to_mermaid


def uid(number):
    return str(UUID(int=number))


GRAPH = GraphDefinition(
    [
        ActionNode(uid(1), 'Check "stock" <b>', "evaluate_condition"),
        ActionNode(uid(2), "在庫を確保 🚚", "task"),
    ],
    [ActionEdge(uid(1), "start"), ActionEdge(uid(2), "true_branch", uid(1))],
)


def test_drawing():
    assert to_mermaid(GRAPH) == (
        "flowchart TD\n"
        "    start((Start))\n"
        '    a0{"Check #34;stock#34; #60;b#62;"}\n'
        '    a1["在庫を確保 #128666;"]\n'
        "    start --> a0\n"
        "    a0 -->|true_branch| a1\n"
    )


def test_states():
    drawn = to_mermaid(GRAPH, {uid(1): "completed", uid(2): "running"})
    assert "class a0 completed" in drawn
    assert "class a1 running" in drawn
    assert "classDef completed" in drawn
    assert "classDef failed" not in drawn
    assert "class a0 unknown" in to_mermaid(GRAPH, {uid(1): "unknown"})


def test_labels_cannot_break_out():
    assert escape_label("]; click a0 call") == "#93;#59; click a0 call"
    assert escape_label("a\nb") == "a b"
    assert escape_label("1. item") == "1#46; item"
    assert escape_label("  ") == " "
    assert escape_label("`*_~#;") == "#96;#42;_#126;#35;#59;"
