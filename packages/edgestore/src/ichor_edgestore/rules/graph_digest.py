"""When two graphs are the same, and which may be stored."""

import hashlib

import msgspec

from ichor_core import exact_json
from ichor_core.graph import GraphDefinition
from ichor_core.validation import InvalidGraphError, validate


def check_graph(graph: GraphDefinition) -> str:
    """Return the digest of a graph that may be stored.

    Raises:
        InvalidGraphError: it has errors; `issues` are all that was found.
        ExactJsonError: it holds what cannot be stored.
    """
    issues = validate(graph)
    if any(issue.severity == "error" for issue in issues):
        raise InvalidGraphError(issues)
    exact_json.check_storable(msgspec.to_builtins(graph))
    return digest_graph(graph)


def digest_graph(graph: GraphDefinition) -> str:
    """Return a digest that the order of actions and edges does not change."""
    ordered = GraphDefinition(
        sorted(graph.actions, key=lambda action: action.id),
        sorted(graph.edges, key=lambda edge: edge.id),
    )
    return hashlib.sha256(exact_json.encode_canonical(ordered)).hexdigest()
