"""docs/reference/cli.md: what each command says of itself."""

import io
import os
from collections.abc import Iterator
from contextlib import redirect_stdout

from cyclopts import App
from docs.generator.markdown import page
from rich.console import Console

from ichor_async_completer.__main__ import app as completer
from ichor_core.__main__ import main as core
from ichor_edgestore.cli import main as edgestore
from ichor_trigger_api.__main__ import app as trigger_api
from ichor_worker.__main__ import app as worker

WIDTH = 90

_INTRODUCTION = """\
What `--help` prints. Settings of services are environment variables:
[configuration](configuration.md). Exit codes: 0 done; 1 it could not be done, and why is said on
standard error; 2 bad input or settings. In a checkout the commands are in `.venv/bin`:
`export PATH=$PWD/.venv/bin:$PATH`."""


def commands_page() -> str:
    """Return the page."""
    parts = [_INTRODUCTION]
    for app in (trigger_api, worker, completer):
        parts.append(f"## {app.name[0]}")
        parts += [_block(text) for text in _helps(app, ())]
    for name, main, commands in (
        ("python -m ichor_edgestore", edgestore, ((), ("migrate",), ("current",), ("prune",))),
        ("python -m ichor_core", core, ((), ("validate",), ("simulate",), ("mermaid",))),
    ):
        parts.append(f"## {name}")
        parts += [_block(_argparse_help(main, command)) for command in commands]
    return page("Commands", *parts)


def _block(text: str) -> str:
    lines = (line.rstrip() for line in text.strip("\n").splitlines())
    return "\n".join(["```text", *lines, "```"])


def _helps(app: App, tokens: tuple[str, ...]) -> Iterator[str]:
    printed = io.StringIO()
    console = Console(file=printed, width=WIDTH, force_terminal=False, color_system=None)
    app.help_print(list(tokens), console=console)
    yield printed.getvalue()
    for name in commands_of(app, tokens):
        yield from _helps(app, (*tokens, name))


def commands_of(app: App, tokens: tuple[str, ...] = ()) -> list[str]:
    """Return the names of the commands below a command."""
    found = app
    for token in tokens:
        found = found[token]
    return [name for name in found if not name.startswith("-")]


def _argparse_help(main: object, command: tuple[str, ...]) -> str:
    assert callable(main)
    printed = io.StringIO()
    before = os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = str(WIDTH)
    try:
        with redirect_stdout(printed):
            main([*command, "--help"])
    except SystemExit as end:
        assert end.code == 0  # noqa: PT017 - argparse ends so
    finally:
        if before is None:
            del os.environ["COLUMNS"]
        else:
            os.environ["COLUMNS"] = before
    return printed.getvalue()
