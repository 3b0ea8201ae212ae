"""Mermaid flowcharts of graphs."""

import re
from collections.abc import Mapping

from ichor_core.action_type import EVALUATE_CONDITION
from ichor_core.graph.definition import GraphDefinition
from ichor_core.graph.edge_types import EDGE_TYPES
from ichor_core.graph.executor import GraphExecutor

_STYLES = {
    "waiting": "fill:#f4f4f5,stroke:#a1a1aa,color:#3f3f46",
    "running": "fill:#dbeafe,stroke:#2563eb,color:#1e3a8a,stroke-width:3px",
    "completed": "fill:#dcfce7,stroke:#16a34a,color:#14532d",
    "skipped": "fill:#fafafa,stroke:#d4d4d8,color:#a1a1aa,stroke-dasharray:4 4",
    "failed": "fill:#fee2e2,stroke:#dc2626,color:#7f1d1d,stroke-width:3px",
    "unknown": "fill:#f5f3ff,stroke:#8b5cf6,color:#4c1d95,stroke-dasharray:2 4",
    "blocked": "fill:#ffedd5,stroke:#ea580c,color:#7c2d12,stroke-dasharray:4 4",
}
# Mermaid reads markup, markdown and its own syntax in labels; letters of every script are safe.
_UNSAFE = re.compile(r"[^\w \-,!?()'/]|\A[-+]|(?<=\d)\.")


def to_mermaid(graph: GraphDefinition, states: Mapping[str, str] | None = None) -> str:
    """Return the flowchart.

    Args:
        graph: any graph; edges that cannot be followed are left out.
        states: status of each action by its id, to show an execution.

    Returns:
        Mermaid text: names as labels, decisions as diamonds, edges with the label of their type;
        the same text for the same graph in any order of storage.
    """
    executor = GraphExecutor(graph)
    decisions = {
        number
        for number, edges in enumerate(executor.outgoing)
        if any(edge.output is not None for edge in edges)
    }
    lines = ["flowchart TD"]
    if executor.start_targets:
        lines.append("    start((Start))")
    for number, action in enumerate(executor.actions):
        label = escape_label(action.name)
        is_decision = number in decisions or action.action_type == EVALUATE_CONDITION
        lines.append(f'    a{number}{{"{label}"}}' if is_decision else f'    a{number}["{label}"]')
    lines.extend(f"    start --> a{target}" for target in executor.start_targets)
    for source, targets in enumerate(executor.targets):
        for edge, target in zip(executor.outgoing[source], targets, strict=True):
            label = EDGE_TYPES[edge.edge_type].label
            arrow = f"-->|{label}|" if label else "-->"
            lines.append(f"    a{source} {arrow} a{target}")
    if states:
        lines.extend(_classes(executor, states))
    return "\n".join(lines) + "\n"


def _classes(executor: GraphExecutor, states: Mapping[str, str]) -> list[str]:
    members: dict[str, list[str]] = {}
    for number, action in enumerate(executor.actions):
        status = states.get(action.id)
        if status in _STYLES:
            members.setdefault(status, []).append(f"a{number}")
    lines = [f"    classDef {status} {_STYLES[status]}" for status in _STYLES if status in members]
    lines.extend(
        f"    class {','.join(members[status])} {status}" for status in _STYLES if status in members
    )
    return lines


def escape_label(text: str) -> str:
    """Return the text, escaped so that Mermaid shows it literally."""
    return _UNSAFE.sub(lambda match: f"#{ord(match[0])};", " ".join(text.split()) or " ")
