"""The commands."""

import json
import os
import subprocess
import sys

import pytest

from ichor_feel.cli import main


def test_value(capsys):
    assert main(["for x in xs return x * 2", "--context", '{"xs": [1, 2.50, 3]}']) == 0
    assert capsys.readouterr().out == "[2,5,6]\n"


def test_null_because_of_a_problem(capsys):
    assert main(["1 +\n a.b"]) == 1
    output = capsys.readouterr()
    assert output.out == "null\n"
    assert output.err == "line 2, column 2: nothing is named 'a'\n"


def test_json(capsys):
    assert main(["a + 1", "--json", "--context", '{"a": 0.1}']) == 0
    assert json.loads(capsys.readouterr().out) == {
        "value": 1.1,
        "problems": [],
        "handled": [],
        "absorbed": [],
    }


def test_now(capsys):
    assert main(["today()", "--now", "2024-05-31T09:30:00+02:00"]) == 0
    assert capsys.readouterr().out == '"2024-05-31"\n'


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["1 +"], "line 1, column 4: expected an expression"),
        (["1", "--context", "[1]"], "--context: must be a JSON object"),
        (["1", "--context", "{"], "--context: no JSON"),
        (["1", "--context", "@/nowhere"], "--context: "),
        (["1", "--now", "noon"], "--now: 'noon' is no date and time"),
    ],
)
def test_bad_input(arguments, message, capsys):
    assert main(arguments) == 2
    assert message in capsys.readouterr().err


def test_context_of_a_file(tmp_path, capsys):
    (tmp_path / "context.json").write_text('{"due date": "2024-01-01"}')
    assert main(["due date", "--context", f"@{tmp_path}/context.json"]) == 0
    assert capsys.readouterr().out == '"2024-01-01"\n'


def test_help(capsys):
    with pytest.raises(SystemExit) as caught:
        main(["--help"])
    assert caught.value.code == 0
    assert "exit codes" in capsys.readouterr().out


def test_the_same_under_every_hash_seed():
    text = (
        '{a: substrng("x", 1), b: oder.total, c: split("a b", "\\\\s"), d: union([1, "a"], [null])}'
    )
    arguments = [sys.executable, "-m", "ichor_feel", text, "--json", "--context", '{"order": 1}']
    outputs = {
        subprocess.run(
            arguments,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1
