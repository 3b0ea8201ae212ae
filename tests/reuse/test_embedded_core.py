"""A program outside the workspace that uses the core alone."""

import json
from pathlib import Path

from tests.reuse.kit.environment import Environment
from tests.reuse.kit.wheels import ROOT

GRAPH = ROOT / "examples" / "embedded_core" / "graph.json"


def test_it_needs_the_core_and_nothing_else(with_core: Environment):
    script = (
        "import importlib.metadata as m, json;"
        "print(json.dumps(sorted(d.name for d in m.distributions())))"
    )

    installed = json.loads(with_core.run("python", "-I", "-c", script))

    assert installed == ["embedded-core", "ichor-core", "msgspec"]


def test_it_shows_every_way_through_a_graph(with_core: Environment):
    shown = with_core.run("python", "-m", "embedded_core", GRAPH)

    assert "No issues." in shown
    assert "```mermaid\nflowchart TD\n" in shown
    assert shown.splitlines()[-3:] == [
        "| is_large: yes, release: yes | is_large, release, ship |",
        "| is_large: yes, release: no | is_large, release, decline |",
        "| is_large: no | is_large, ship |",
    ]
    assert "\n".join(shown.splitlines()[-5:]) in (GRAPH.parent / "README.md").read_text()


def test_it_stops_at_some_number_of_cases(with_core: Environment, tmp_path: Path):
    """Independent conditions multiply: here there would be 2 to the power of 10."""
    ids = [f"00000000-0000-4000-8000-{number:012}" for number in range(20)]
    kinds = ["evaluate_condition", "set_values"]
    actions = [
        {"id": one, "name": f"a|{number}", "action_type": kinds[number % 2]}
        for number, one in enumerate(ids)
    ]
    edges = [
        edge
        for condition, then in zip(ids[::2], ids[1::2], strict=True)
        for edge in (
            {"target_action_id": condition, "edge_type": "start"},
            {
                "source_action_id": condition,
                "target_action_id": then,
                "edge_type": "true_branch",
            },
        )
    ]
    file = tmp_path / "wide.json"
    file.write_text(json.dumps({"actions": actions, "edges": edges}))

    shown = with_core.run("python", "-m", "embedded_core", file).splitlines()

    rows = shown[shown.index("|---|---|") + 1 :]
    assert len(rows) == 51
    assert r" a\|0: yes, " in rows[0]
    assert rows[-1] == "| … | and more |"


def test_a_graph_that_cannot_run_is_refused(with_core: Environment, tmp_path: Path):
    graph = json.loads(GRAPH.read_text())
    graph["edges"] = graph["edges"][1:]
    file = tmp_path / "graph.json"
    file.write_text(json.dumps(graph))

    shown = with_core.run("python", "-m", "embedded_core", file, returns=1)

    assert "- error: " in shown
    assert "| if |" not in shown


def test_what_is_no_graph_is_refused(with_core: Environment, tmp_path: Path):
    file = tmp_path / "graph.json"
    for text in ("{", '{"actions": 1}'):
        file.write_text(text)
        assert with_core.run("python", "-m", "embedded_core", file, returns=2) == ""
    assert with_core.run("python", "-m", "embedded_core", tmp_path / "none", returns=2) == ""
