"""Issues of a graph, and the error that carries them."""

from collections.abc import Iterable, Sequence
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
    "more_issues",
]
Severity = Literal["error", "warning"]

MAX_ISSUES = 1_000
"""Most issues that are listed."""


class Issue(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One finding about a graph."""

    code: IssueCode
    severity: Severity
    message: str
    """The fault and its cure, for the user who drew the graph."""
    action_id: ActionId | None = None
    edge_id: EdgeId | None = None
    path: str = ""
    """JSON path into the action's config; empty: the issue is not about the config."""


class IssueList:
    """Collects issues: the first `MAX_ISSUES` of each severity, and how many more there are."""

    def __init__(self) -> None:
        self._kept: dict[Severity, list[Issue]] = {"error": [], "warning": []}
        self._more: dict[Severity, int] = {"error": 0, "warning": 0}
        self._exact = True

    def add(self, issue: Issue) -> None:
        """Add an issue."""
        if self.has_room(issue.severity):
            self._kept[issue.severity].append(issue)
        else:
            self._more[issue.severity] += 1

    def extend(self, issues: Iterable[Issue]) -> None:
        """Add issues."""
        for issue in issues:
            self.add(issue)

    def has_room(self, severity: Severity) -> bool:
        """Say whether a further issue of this severity is listed."""
        return len(self._kept[severity]) < MAX_ISSUES

    def add_unlisted(self, severity: Severity) -> None:
        """Count an issue that is not worth its message: there is no room for it."""
        self._more[severity] += 1

    def leave_out(self) -> None:
        """Note that there may be issues that nobody counts."""
        self._exact = False

    def listed(self) -> list[Issue]:
        """Return the issues, errors first; the last one says how many are left out."""
        every = [*self._kept["error"], *self._kept["warning"]]
        kept, cut = every[:MAX_ISSUES], every[MAX_ISSUES:]
        errors = self._more["error"] + sum(issue.severity == "error" for issue in cut)
        more = len(cut) + sum(self._more.values())
        if more or not self._exact:
            least = "" if self._exact else "at least "
            kept.append(
                Issue(
                    code="more_issues",
                    severity="error" if errors else "warning",
                    message=f"{least}{more} more issues are not listed, {errors or 'none'} of them "
                    "errors; fix these first",
                )
            )
        return kept


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
