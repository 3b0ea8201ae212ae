"""What can go wrong with an action.

::

    IchorError
    ├── ActionError (RuntimeError)          one attempt to run an action failed
    │   ├── UnknownActionTypeError          no action of this type is registered
    │   ├── ConfigError                     the config does not fit the type; `path` says where
    │   ├── RefusedError                    the other side, or a rule of this side, says no
    │   ├── TransientError                  it may succeed later; the only one that is retried
    │   └── ResultError                     what the action returned cannot be a result
    └── ActionDefinitionError (TypeError)   an action type is written or registered wrongly

Besides these, an action may raise the `InvalidInputError`s of core (a template that finds nothing,
a condition that cannot compare), which trying again cannot cure. Anything else is a fault of the
action itself, and is tried again.
"""

from collections.abc import Generator
from contextlib import contextmanager
from typing import ClassVar

from ichor_core.errors import IchorError, InvalidInputError


class ActionError(IchorError, RuntimeError):
    """One attempt to run an action failed, for a known reason."""

    retryable: ClassVar[bool] = False
    """Whether trying again may help."""


class UnknownActionTypeError(ActionError):
    """No action of this type is registered with this worker."""

    def __init__(self, action_type: str) -> None:
        super().__init__(f"no action type {action_type!r} is registered with this worker")
        self.action_type = action_type


class ConfigError(ActionError):
    """A config, its templates resolved, that does not fit the action type."""

    def __init__(self, message: str, path: str = "$") -> None:
        super().__init__(f"{path}: {message}")
        self.message = message
        self.path = path
        """Where in the config, as `$.headers.accept`."""


@contextmanager
def config_errors() -> Generator[None]:
    """Raise what is wrong with a value of a config as `ConfigError`."""
    try:
        yield
    except InvalidInputError as error:
        raise ConfigError(error.message, error.path or "$") from error


class RefusedError(ActionError):
    """The other side, or a rule of this side, says no, and will say so again."""


class TransientError(ActionError):
    """The other side cannot be reached, or asks to come again.

    Args:
        message: what happened.
        retry_after: seconds that the other side wants to be left alone.
    """

    retryable: ClassVar[bool] = True

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ResultError(ActionError):
    """An action returned what cannot be stored as a result, or is not what its type promises."""


class ActionDefinitionError(IchorError, TypeError):
    """An action type that is written or registered wrongly; found when the worker starts."""
