"""The errors of Ichor.

Every error is an `IchorError` and also the builtin that fits it::

    IchorError
    ├── InvalidInputError (ValueError)      a text or value from outside cannot be used
    │   ├── ExactJsonError                  not JSON, or JSON that cannot be stored exactly
    │   ├── GraphFormatError                not the wire format of a graph
    │   ├── TemplateError                   a template that does not parse, or finds nothing
    │   ├── ConditionError                  a condition that does not parse, or cannot compare
    │   └── InvalidGraphError               a graph that `validate` finds errors in
    ├── UnknownActionError (KeyError)       no action with this id
    ├── MarkingError (RuntimeError)         a step that the marking does not allow
    ├── NotFoundError (LookupError)         what was asked for is not stored
    └── ConflictError (RuntimeError)        what is stored has changed, or exists already
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ichor_core.validation.checks import Issue


class IchorError(Exception):
    """Anything that Ichor itself reports."""


class InvalidInputError(IchorError, ValueError):
    """A text or value from outside that cannot be used; `path` says where, as `$.a[0].b`."""

    def __init__(self, message: str, path: str = "") -> None:
        super().__init__(f"{path}: {message}" if path else message)
        self.message = message
        self.path = path


class ExactJsonError(InvalidInputError):
    """Not JSON, or JSON that cannot be kept exactly: NUL, lone surrogates, NaN, infinities."""


class GraphFormatError(InvalidInputError):
    """A document that is not the wire format of a graph."""


class TemplateError(InvalidInputError):
    """A template that does not parse, or a reference that finds nothing."""


class ConditionError(InvalidInputError):
    """A condition that does not parse, or compares what cannot be compared."""


class InvalidGraphError(InvalidInputError):
    """A graph with errors; `issues` are all that `validate` found, warnings included."""

    def __init__(self, issues: Sequence[Issue]) -> None:
        errors = [issue for issue in issues if issue.severity == "error"]
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        super().__init__(f"the graph is not valid: {errors[0].message if errors else ''}{more}")
        self.issues = list(issues)


class UnknownActionError(IchorError, KeyError):
    """No action with this id is in the graph."""

    def __str__(self) -> str:
        return f"no action {self.args[0]} in this graph"


class MarkingError(IchorError, RuntimeError):
    """A step that the marking does not allow, such as completing an action twice."""


class NotFoundError(IchorError, LookupError):
    """What was asked for is not stored."""


class ConflictError(IchorError, RuntimeError):
    """What is stored has changed since it was read, or exists already with another content."""
