"""Validation: every issue of a graph, found without running it."""

from ichor_core.validation.checks import CheckConfig, validate
from ichor_core.validation.issues import InvalidGraphError, Issue, IssueCode

__all__ = [
    "CheckConfig",
    "InvalidGraphError",
    "Issue",
    "IssueCode",
    "validate",
]
