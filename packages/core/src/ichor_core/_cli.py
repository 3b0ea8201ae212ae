"""The command line of the core: validate, simulate and draw a graph in a file."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from ichor_core import exact_json
from ichor_core.action_type import ActionType
from ichor_core.errors import IchorError, InvalidInputError
from ichor_core.graph.definition import GraphDefinition
from ichor_core.graph.mermaid import to_mermaid
from ichor_core.simulation.simulation import Simulation, simulate
from ichor_core.validation.checks import validate
from ichor_core.validation.issues import InvalidGraphError, Issue

BAD_INPUT = 2
"""Exit code for bad input, an invalid graph included."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code: 0, or 2 with a message on bad input."""
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except InvalidGraphError as error:
        _print_issues(error.issues, sys.stderr)
    except IchorError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201 (a command line prints)
    return BAD_INPUT


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m ichor_core",
        description="Validate, simulate or draw a workflow graph, without any server.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    graph = argparse.ArgumentParser(add_help=False)
    graph.add_argument("graph", metavar="GRAPH.json", help="graph file; - reads standard input")
    graph.add_argument("--json", action="store_true", help="print JSON")

    types = argparse.ArgumentParser(add_help=False)
    types.add_argument(
        "--types",
        metavar="TYPES.json",
        help="file of action types, as printed by ichor-worker types",
    )

    check = commands.add_parser(
        "validate", parents=[graph, types], help="list every issue of the graph"
    )
    check.set_defaults(run=_validate)

    run = commands.add_parser("simulate", parents=[graph, types], help="run the graph in memory")
    run.add_argument(
        "--results",
        metavar="RESULTS.json",
        help='file of results by action id or name; {"$error": "message"} makes an action fail',
    )
    run.add_argument(
        "--trigger",
        metavar="TRIGGER.json",
        help="file of trigger data, to resolve templates and evaluate conditions",
    )
    run.set_defaults(run=_simulate)

    draw = commands.add_parser(
        "mermaid", parents=[graph], help="draw the graph as a Mermaid flowchart"
    )
    draw.set_defaults(run=_mermaid)
    return parser


def _read(name: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise InvalidInputError(f"{name} cannot be read: {error.strerror}") from error


def _read_as(name: str, kind: Any) -> Any:
    try:
        return exact_json.decode(_read(name), kind)
    except InvalidInputError as error:
        raise InvalidInputError(f"{name}: {error}") from error


def _read_graph(options: argparse.Namespace) -> GraphDefinition:
    text = _read(options.graph)
    try:
        return GraphDefinition.from_json(text)
    except InvalidInputError as error:
        raise InvalidInputError(f"{options.graph}: {error}") from error


def _read_types(options: argparse.Namespace) -> dict[str, ActionType] | None:
    if not options.types:
        return None
    return {described.type: described for described in _read_as(options.types, list[ActionType])}


def _validate(options: argparse.Namespace) -> int:
    graph = _read_graph(options)
    types = _read_types(options)
    issues = validate(graph, types)
    valid = not any(issue.severity == "error" for issue in issues)
    if options.json:
        _print_json({"valid": valid, "issues": issues})
    else:
        _print_issues(issues, sys.stdout)
        verdict = "the graph is valid" if valid else "the graph is not valid"
        print(f"{verdict} ({_unchecked(types)})")  # noqa: T201
    return 0 if valid else BAD_INPUT


def _simulate(options: argparse.Namespace) -> int:
    graph = _read_graph(options)
    results: dict[str, Any] | None = None
    if options.results:
        results = _read_as(options.results, dict[str, Any])
    trigger = _read_as(options.trigger, dict[str, Any]) if options.trigger else None
    simulation = simulate(graph, results, trigger, types=_read_types(options))
    if options.json:
        _print_json(simulation)
    else:
        _print_simulation(graph, simulation)
    return 0


def _unchecked(types: object) -> str:
    """Return the checks that were left out."""
    if types is None:
        return "types and configs not checked; pass --types"
    return "configs not checked against their schemas; POST /graphs/validate does that"


def _mermaid(options: argparse.Namespace) -> int:
    text = to_mermaid(_read_graph(options))
    if options.json:
        _print_json({"mermaid": text})
    else:
        print(text, end="")  # noqa: T201
    return 0


def _print_json(value: Any) -> None:
    print(msgspec.json.format(exact_json.encode(value).decode(), indent=2))  # noqa: T201


def _print_issues(issues: Sequence[Issue], stream: Any) -> None:
    for issue in issues:
        place = f" at {issue.path}" if issue.path else ""
        print(f"{issue.severity}: {issue.code}{place}: {issue.message}", file=stream)


def _print_simulation(graph: GraphDefinition, simulation: Simulation) -> None:
    names = {action.id: action.name for action in graph.actions}
    print(f"status: {simulation.status}")  # noqa: T201
    for title in ("executed", "skipped", "blocked", "failed"):
        listed = [names[action_id] for action_id in getattr(simulation, title)]
        print(f"{title}: {', '.join(listed) or '-'}")  # noqa: T201
    for failure in simulation.failures:
        print(f"failure of {failure.action_name}: {failure.message}")  # noqa: T201
    _print_issues(simulation.issues, sys.stdout)
