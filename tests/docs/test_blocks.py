"""What stands in blocks of code is what it says it is: it runs, parses, and names what there is."""

import ast
import asyncio
import json
import re
import shlex
import subprocess
import sys
import tomllib
from itertools import takewhile
from pathlib import Path

import mmdr
import pytest
import yaml
from docs.generator.commands import commands_of

from ichor_actions.builtin import builtin_actions
from ichor_actions.resources import Resources
from ichor_async_completer.__main__ import app as completer
from ichor_trigger_api.__main__ import app as trigger_api
from ichor_worker.__main__ import app as worker
from tests.docs.pages import ROOT, pages

APPS = {app.name[0]: app for app in (trigger_api, worker, completer)}
LANGUAGES = {
    "",
    "text",
    "sh",
    "sql",
    "json",
    "yaml",
    "python",
    "py",
    "toml",
    "mermaid",
    "dockerfile",
}
OF_EXAMPLES = {"credit_points"}
MAKE = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)


def blocks(*languages):
    """Return the blocks of these languages, as parameters of a test."""
    return [
        pytest.param(fence.code, id=f"{page.path}:{fence.line}")
        for page in pages().values()
        for fence in page.fences
        if fence.language in languages
    ]


def test_languages_are_those_that_are_tested():
    found = {fence.language for page in pages().values() for fence in page.fences}
    assert found - LANGUAGES == set()


@pytest.mark.parametrize("code", blocks("json"))
def test_json_parses_and_actions_have_a_type(code: str):
    document = json.loads(code)
    known = {item.spec.type for item in builtin_actions(Resources())} | OF_EXAMPLES
    if isinstance(document, dict) and "action_config" in document:
        assert document["action_type"] in known


@pytest.mark.parametrize("code", blocks("toml"))
def test_toml_parses(code: str):
    assert tomllib.loads(code)


@pytest.mark.parametrize("code", blocks("yaml"))
def test_yaml_parses(code: str):
    assert yaml.safe_load(code)


@pytest.mark.parametrize("code", blocks("mermaid"))
def test_diagrams_can_be_drawn(code: str):
    assert "<svg" in mmdr.render(code).svg()


@pytest.mark.parametrize("code", blocks("python", "py"))
def test_python_parses(code: str):
    # Some are the inside of a coroutine.
    assert compile(code, "block", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


OF_DOCUMENTATION = [
    block
    for block in blocks("python")
    # tests/reuse runs those of reuse.md, where what they import is installed.
    if block.id.startswith("docs/") and "reuse.md" not in block.id
]


@pytest.mark.parametrize("code", OF_DOCUMENTATION)
async def test_python_of_the_documentation_runs(code: str):
    command = [sys.executable, "-W", "error", "-c", code]
    done = await asyncio.to_thread(
        subprocess.run, command, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("code", blocks("sh"))
def test_shell_parses(code: str):
    done = subprocess.run(["bash", "-n"], input=code, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def words_of(code: str):
    """Return the simple commands of a script as lists of words, quoted documents left out."""
    plain = re.sub(r"'[^']*'", "''", code.replace("\\\n", " "))
    for line in re.split(r"\n|\||&&|;|\$\(", plain):
        try:
            words = shlex.split(line, comments=True)
        except ValueError:  # the end of a quotation that began on another line
            continue
        while words and (re.match(r"[A-Z_]+=", words[0]) or words[0] == "export"):
            words = words[1:]
        if words:
            yield words


def wrong_with(words: list[str]) -> str:
    """Return what is wrong with a command of ours; empty if nothing is, or it is not ours."""
    name, *arguments = words
    if name == "make":
        unknown = [one for one in arguments if one not in MAKE and "=" not in one]
        return f"make has no target {unknown[0]}" if unknown else ""
    if name in APPS:
        return wrong_with_app(APPS[name], arguments)
    if name == "temporal":
        return wrong_with_temporal(arguments)
    modules = ("ichor_core", "ichor_edgestore")
    if words[:2] == ["python", "-m"] and words[2] in modules:
        # `mermaid` and the like are checked by running it for its help.
        command = [sys.executable, "-m", *words[2:4], "--help"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        given = [one.strip("[]") for one in words[4:] if one.startswith(("--", "[--"))]
        missing = [option for option in given if option not in done.stdout]
        return done.stderr or (f"no option {missing[0]}" if missing else "")
    return ""


def wrong_with_temporal(arguments: list[str]) -> str:
    plain = list(takewhile(lambda word: not word.startswith("-"), arguments))
    command = [Path(sys.executable).with_name("temporal"), *plain, "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if f"temporal {' '.join(plain)} [flags]" not in done.stdout:
        return f"no command {' '.join(plain)}"
    given = [one for one in arguments if one.startswith("--")]
    missing = [option for option in given if option not in done.stdout]
    return f"no option {missing[0]}" if missing else ""


def wrong_with_app(app, arguments: list[str]) -> str:
    tokens: list[str] = []
    while arguments and arguments[0] in commands_of(app, tuple(tokens)):
        tokens.append(arguments.pop(0))
    found = app
    for token in tokens:
        found = found[token]
    if found.default_command is None or (arguments and not tokens):
        return f"no command {' '.join(tokens + arguments[:1])}"
    named = {name for one in found.assemble_argument_collection() for name in one.names}
    given = [one for one in arguments if one.startswith("--")]
    unknown = [option for option in given if option not in named]
    return f"no option {unknown[0]} of {tokens}" if unknown else ""


@pytest.mark.parametrize("code", blocks("sh"))
def test_commands_of_ours_exist(code: str):
    assert [(words, wrong) for words in words_of(code) if (wrong := wrong_with(words))] == []


@pytest.mark.parametrize(
    "command",
    [
        "make nonsense",
        "ichor-worker sing",
        "ichor-async-completer dead-letters sort",
        "ichor-async-completer dead-letters list --nonsense 3",
        "temporal workflow sing",
        "temporal workflow show --nonsense",
        "python -m ichor_core paint GRAPH.json",
        "python -m ichor_core validate GRAPH.json --nonsense",
    ],
)
def test_a_command_that_is_not_there_is_noticed(command: str):
    (words,) = words_of(f"A=1 {command} # comment\n")
    assert wrong_with(words)
