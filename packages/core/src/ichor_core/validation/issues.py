"""Issues of a graph, and the error that carries them."""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from ichor_core.errors import InvalidInputError
from ichor_core.graph.definition import ActionEdge, ActionNode
from ichor_core.ids import ActionId, EdgeId

IssueCode = Literal[
    "no_start",
    "unknown_source",
    "unknown_target",
    "start_with_source",
    "missing_source",
    "duplicate_edge",
    "self_edge",
    "cycle",
    "unreachable_action",
    "duplicate_action_id",
    "duplicate_edge_id",
    "duplicate_action_name",
    "unknown_action_type",
    "invalid_config",
    "invalid_template",
    "unknown_reference",
    "reference_not_upstream",
    "reference_may_be_skipped",
    "unknown_result_field",
    "branch_never_taken",
    "name_hides_trigger_field",
]


class Issue(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One finding about a graph."""

    code: IssueCode
    severity: Literal["error", "warning"]
    message: str
    """The fault and its cure, for the user who drew the graph."""
    action_id: ActionId | None = None
    edge_id: EdgeId | None = None
    path: str = ""
    """JSON path into the action's config; empty: the issue is not about the config."""


class InvalidGraphError(InvalidInputError):
    """A graph with errors; `issues` are all that `validate` found, warnings included."""

    def __init__(self, issues: Sequence[Issue]) -> None:
        errors = [issue for issue in issues if issue.severity == "error"]
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        super().__init__(f"the graph is not valid: {errors[0].message if errors else ''}{more}")
        self.issues = list(issues)


def error_of(
    code: IssueCode,
    message: str,
    action: ActionNode | None = None,
    edge: ActionEdge | None = None,
    path: str = "",
) -> Issue:
    """Return an issue with which the graph cannot run."""
    return Issue(
        code=code,
        severity="error",
        message=message,
        action_id=action.id if action else None,
        edge_id=edge.id if edge else None,
        path=path,
    )


def warning_of(code: IssueCode, message: str, action: ActionNode, path: str = "") -> Issue:
    """Return an issue with which the graph can still run."""
    return Issue(
        code=code, severity="warning", message=message, action_id=action.id, edge_id=None, path=path
    )
