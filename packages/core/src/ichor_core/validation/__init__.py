"""Validation: every issue of a graph, found without running it."""

from ichor_core.validation.checks import Issue, validate

__all__ = [
    "Issue",
    "validate",
]
