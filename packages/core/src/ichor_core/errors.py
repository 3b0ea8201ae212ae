"""The errors of Ichor.

Every error is an `IchorError` and also the builtin that fits it::

    IchorError
    ├── InvalidInputError (ValueError)      a text or value from outside cannot be used
    │   ├── ExactJsonError                  not JSON, or JSON that cannot be stored exactly
    │   ├── GraphFormatError                not the wire format of a graph
    │   ├── TemplateError                   a template that does not parse, or finds nothing
    │   ├── ConditionError                  a condition that does not parse, or cannot compare
    │   └── InvalidGraphError               a graph with errors; in `ichor_core.validation`
    ├── UnknownActionError (KeyError)       no action with this id
    ├── MarkingError (RuntimeError)         a step that the marking does not allow
    ├── NotFoundError (LookupError)         a record that is not stored
    └── ConflictError (RuntimeError)        a record that has changed, or already exists
"""


class IchorError(Exception):
    """Base of every error that Ichor raises."""


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
    """A condition that does not parse, or compares values that cannot be compared."""


class UnknownActionError(IchorError, KeyError):
    """No action with this id is in the graph."""

    def __str__(self) -> str:
        return f"no action {self.args[0]} in this graph"


class MarkingError(IchorError, RuntimeError):
    """A step that the marking does not allow, such as completing an action twice."""


class NotFoundError(IchorError, LookupError):
    """A record that is not stored."""


class ConflictError(IchorError, RuntimeError):
    """A record that has changed since it was read, or already exists with other content."""
