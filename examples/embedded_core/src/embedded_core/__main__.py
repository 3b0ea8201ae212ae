"""Prints the review of a graph: ``python -m embedded_core GRAPH.json``."""

import argparse
import sys
from pathlib import Path

from embedded_core.review import has_errors, review
from ichor_core import GraphDefinition, IchorError, validate


def main() -> int:
    """Run the command line; returns 0, 1 for a graph that cannot run, 2 for no graph at all."""
    parser = argparse.ArgumentParser(prog="python -m embedded_core", description=__doc__)
    parser.add_argument("graph", type=Path, metavar="GRAPH.json")
    file: Path = parser.parse_args().graph
    try:
        graph = GraphDefinition.from_json(file.read_bytes())
    except (OSError, IchorError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        sys.stderr.write(f"{file}: {reason}\n")
        return 2
    issues = validate(graph)
    sys.stdout.write(review(file.name, graph, issues))
    return 1 if has_errors(issues) else 0


if __name__ == "__main__":
    sys.exit(main())
