"""What somebody should see of a graph before it goes live, as Markdown."""

from collections.abc import Iterator
from itertools import islice

from ichor_core import GraphDefinition, Issue, Simulation, simulate, to_mermaid

MAX_CASES = 50

Decisions = dict[str, bool]
"""By the name of an action: whether its true branch is taken."""


def has_errors(issues: list[Issue]) -> bool:
    """Say whether a graph with these issues could not run."""
    return any(issue.severity == "error" for issue in issues)


def review(title: str, graph: GraphDefinition, issues: list[Issue]) -> str:
    """Return the issues, a drawing, and what runs in each case, unless the graph could not run."""
    parts = [f"# {title}", _list(issues), f"```mermaid\n{to_mermaid(graph)}```"]
    if not has_errors(issues):
        parts.append(_table(graph))
    return "\n\n".join(parts) + "\n"


def cases(graph: GraphDefinition) -> Iterator[tuple[Decisions, Simulation]]:
    """Yield every way through a valid graph: how its conditions turn out, and what runs then.

    A condition that is not reached is not decided, so no two ways are the same.
    """
    names = {action.id: action.name for action in graph.actions}
    deciding = {
        edge.source_action_id
        for edge in graph.edges
        if edge.edge_type in ("true_branch", "false_branch")
    }
    pending: list[Decisions] = [{}]
    while pending:
        decided = pending.pop()
        results = {
            name: {"branch_taken": "true_branch" if taken else "false_branch"}
            for name, taken in decided.items()
        }
        run = simulate(graph, results)
        reached = (names[action_id] for action_id in run.executed if action_id in deciding)
        undecided = next((name for name in reached if name not in decided), None)
        if undecided is None:
            yield decided, run
        else:
            pending += [{**decided, undecided: False}, {**decided, undecided: True}]


def _list(issues: list[Issue]) -> str:
    return "\n".join(f"- {issue.severity}: {issue.message}" for issue in issues) or "No issues."


def _table(graph: GraphDefinition) -> str:
    names = {action.id: _cell(action.name) for action in graph.actions}
    lines = ["| if | these run |", "|---|---|"]
    found = cases(graph)
    for decided, run in islice(found, MAX_CASES):
        case = [f"{_cell(name)}: {'yes' if taken else 'no'}" for name, taken in decided.items()]
        runs = [names[action_id] for action_id in run.executed]
        lines.append(f"| {', '.join(case) or 'always'} | {', '.join(runs)} |")
    if next(found, None) is not None:
        lines.append("| … | and more |")
    return "\n".join(lines)


def _cell(name: str) -> str:
    return " ".join(name.split()).replace("|", r"\|")
