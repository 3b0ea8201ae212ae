"""Reads the conformance graphs."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from ichor_core.graph import GraphDefinition

HERE = Path(__file__).parent


class Scenario(NamedTuple):
    """One scenario of one graph."""

    name: str
    graph: GraphDefinition
    results: dict[str, dict[str, Any]]
    executed: set[str]


def read(file: str) -> Iterator[Scenario]:
    """Yield the scenarios of a file."""
    for position, line in enumerate((HERE / file).read_text().splitlines(), 1):
        entry = json.loads(line)
        graph = GraphDefinition.from_json(line)
        for number, scenario in enumerate(entry["scenarios"]):
            results = {
                action_id: {"branch_taken": "true_branch" if outcome else "false_branch"}
                for action_id, outcome in scenario["outcomes"].items()
            }
            yield Scenario(
                f"{position}-{number} {entry['name'][:50]}",
                graph,
                results,
                set(scenario["executed"]),
            )
