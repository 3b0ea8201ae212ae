"""The command line: the same keys as the API, exit code 2 and a readable message on bad input."""

import json
import subprocess
import sys

import pytest

from ichor_core._cli import main

A, B, C = (f"00000000-0000-0000-0000-00000000000{n}" for n in "abc")
GRAPH = {
    "actions": [
        {"id": A, "name": "check", "action_type": "evaluate_condition", "action_config": {}},
        {"id": B, "name": "yes", "action_type": "task", "action_config": {"x": "{{check.n}}"}},
        {"id": C, "name": "no", "action_type": "task", "unknown_field": 1},
    ],
    "edges": [
        {"id": A, "source_action_id": None, "target_action_id": A, "edge_type": "start"},
        {"source_action_id": A, "target_action_id": B, "edge_type": "true_branch"},
        {"source_action_id": A, "target_action_id": C, "edge_type": "false_branch"},
    ],
}


@pytest.fixture
def write(tmp_path):
    def write(name, value):
        path = tmp_path / name
        path.write_text(value if isinstance(value, str) else json.dumps(value))
        return str(path)

    return write


def test_validate(write, capsys):
    assert main(["validate", write("g.json", GRAPH), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"valid": True, "issues": []}


def test_an_invalid_graph_is_bad_input(write, capsys):
    graph = {**GRAPH, "edges": [*GRAPH["edges"], {**GRAPH["edges"][1], "target_action_id": A}]}
    assert main(["validate", write("g.json", graph), "--json"]) == 2
    answer = json.loads(capsys.readouterr().out)
    assert answer["valid"] is False
    assert [issue["code"] for issue in answer["issues"]] == ["self_edge"]
    assert main(["simulate", write("g.json", graph)]) == 2
    assert "self_edge" in capsys.readouterr().err


def test_simulate(write, capsys):
    results = write("r.json", {"check": {"branch_taken": "true_branch"}})
    assert main(["simulate", write("g.json", GRAPH), "--results", results, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["status"] == "completed"
    assert answer["executed"] == [A, B]
    assert answer["skipped"] == [C]
    assert answer["blocked"] == answer["failed"] == []


def test_simulate_failure(write, capsys):
    results = write("r.json", {A: {"$error": "broken"}})
    assert main(["simulate", write("g.json", GRAPH), "--results", results, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["status"] == "failed"
    assert answer["executed"] == answer["failed"] == [A]
    assert answer["blocked"] == [B, C]
    assert answer["failures"][0]["message"] == "broken"


def test_simulate_with_trigger_resolves_templates(write, capsys):
    results = write("r.json", {"check": {"branch_taken": "true_branch", "n": 3}})
    arguments = ["simulate", write("g.json", GRAPH), "--results", results, "--json"]
    assert main([*arguments, "--trigger", write("t.json", {})]) == 0
    assert json.loads(capsys.readouterr().out)["configs"][B] == {"x": 3}


def test_mermaid(write, capsys):
    assert main(["mermaid", write("g.json", GRAPH)]) == 0
    drawn = capsys.readouterr().out
    assert drawn.startswith("flowchart TD\n")
    assert 'a0{"check"}' in drawn
    assert "a0 -->|true_branch| a1" in drawn


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["validate", "missing.json"], "missing.json cannot be read: No such file"),
        (["validate", "not_json"], "not_json: this is not JSON"),
        (["validate", "wrong"], "$.actions"),
        (["simulate", "graph", "--results", "unknown"], "no action has the id or name 'ghost'"),
        (["simulate", "graph", "--results", "list"], "expected an object, not a list"),
        (["simulate", "graph", "--results", "scalar"], "$.check: a result must be an object"),
    ],
)
def test_bad_input(write, capsys, arguments, message):
    files = {
        "graph": write("graph", GRAPH),
        "not_json": write("not_json", "{nope"),
        "wrong": write("wrong", {"actions": 5}),
        "unknown": write("unknown", {"ghost": {}}),
        "list": write("list", []),
        "scalar": write("scalar", {"check": 5}),
    }
    assert main([files.get(argument, argument) for argument in arguments]) == 2
    assert message in capsys.readouterr().err


def test_as_a_module_with_standard_input():
    ran = subprocess.run(
        [sys.executable, "-m", "ichor_core", "mermaid", "-", "--json"],
        input=json.dumps(GRAPH),
        capture_output=True,
        text=True,
        check=True,
    )
    assert "flowchart" in json.loads(ran.stdout)["mermaid"]


def test_wrong_usage_exits_with_2(capsys):
    with pytest.raises(SystemExit) as caught:
        main(["nonsense"])
    assert caught.value.code == 2


def test_simulate_says_which_branch_is_left_open(write, capsys):
    assert main(["simulate", write("g.json", GRAPH)]) == 0
    shown = capsys.readouterr().out
    assert "executed: check\n" in shown
    assert "'check' has no branch_taken in results" in shown


def test_simulate_evaluates_conditions(write, capsys):
    condition = {"field": "n", "operator": "greater_than", "value": 2}
    decides = {**GRAPH["actions"][0], "action_config": {"condition": condition}}
    graph = write("g.json", {**GRAPH, "actions": [decides, *GRAPH["actions"][1:]]})
    assert main(["simulate", graph, "--trigger", write("t.json", {"n": 1}), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["executed"] == [A, C]


def test_what_was_not_checked_is_said(write, capsys):
    graph = write("g.json", GRAPH)
    types = [
        {"type": "task", "title": "Task", "kind": "local"},
        {
            "type": "evaluate_condition",
            "title": "Decide",
            "kind": "local",
            "outcomes": ["true_branch", "false_branch"],
        },
    ]
    assert main(["validate", graph]) == 0
    assert "valid (types and configs not checked; pass --types)\n" in capsys.readouterr().out
    assert main(["validate", graph, "--types", write("types.json", types)]) == 0
    assert "valid (configs not checked against" in capsys.readouterr().out
    assert main(["validate", graph, "--types", write("none.json", types[:1])]) == 2
    assert "unknown action type 'evaluate_condition'" in capsys.readouterr().out
