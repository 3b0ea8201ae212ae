"""The errors of the application.

Each is an `IchorError` and also the builtin that fits it::

    IchorError
    ├── TemporalUnavailableError (RuntimeError)   Temporal or its workers do not answer
    ├── UnpublishedTypesError (RuntimeError)      a graph uses action types that no worker has
    ├── NotPermittedError (RuntimeError)          this user may not decide this approval
    ├── InvalidInputError (ValueError)
    │   ├── InvalidFormError                      the values of a form do not fit it
    │   └── GraphTooLargeError                    a graph too large to travel with executions
    └── ConflictError (RuntimeError)
        ├── VersionConflictError                  changed since it was read
        ├── RuleWithoutGraphError                 an active rule needs a graph
        ├── ExecutionEndedError                   the execution has ended
        └── AlreadyDecidedError                   the approval is closed, or this user has decided
"""

from collections.abc import Iterable, Sequence

from ichor_core.contract import ApprovalStatus
from ichor_core.errors import ConflictError, IchorError, InvalidInputError


class TemporalUnavailableError(IchorError, RuntimeError):
    """Temporal or its workers do not answer; the text says how.

    Not a `ConnectionError`: an `OSError` means that the database is unavailable.
    """


class UnpublishedTypesError(IchorError, RuntimeError):
    """A graph uses action types that no worker has published."""

    def __init__(self, types: Iterable[str]) -> None:
        self.types = sorted(types)
        super().__init__(
            f"no worker has published the action types {', '.join(self.types)}: "
            "deploy one that has them"
        )


class NotPermittedError(IchorError, RuntimeError):
    """This user may not do this; the text says why.

    Not a `PermissionError`: an `OSError` means that the database is unavailable.
    """


class InvalidFormError(InvalidInputError):
    """The values of a form do not fit it; `faults` are path and message of each."""

    def __init__(self, faults: Sequence[tuple[str, str]]) -> None:
        path, message = faults[0]
        super().__init__(message, path)
        self.faults = list(faults)


class GraphTooLargeError(InvalidInputError):
    """A graph that is too large to travel with each execution."""

    def __init__(self, size: int, limit: int) -> None:
        super().__init__(
            f"the graph takes {size} bytes, more than the {limit} that can travel "
            "with each execution: split it over several rules"
        )
        self.size = size
        self.limit = limit


class VersionConflictError(ConflictError):
    """The rule or graph has another version than the one that was read."""


class RuleWithoutGraphError(ConflictError):
    """A rule without a graph cannot be active."""


class ExecutionEndedError(ConflictError):
    """The execution has ended; `status` says how."""

    def __init__(self, execution_id: str, status: str) -> None:
        super().__init__(f"execution {execution_id} has ended already: {status}")
        self.status = status


class AlreadyDecidedError(ConflictError):
    """The approval is closed, or this user has decided; `status` is that of the approval."""

    def __init__(self, message: str, status: ApprovalStatus) -> None:
        super().__init__(message)
        self.status: ApprovalStatus = status
