"""Errors of actions.

::

    IchorError
    ├── ActionError (RuntimeError)          one attempt to run an action failed
    │   ├── UnknownActionTypeError          no action of this type is registered
    │   ├── ConfigError                     invalid config; `path` is the place
    │   ├── RefusedError                    the other system, or a policy of this one, refuses
    │   ├── TransientError                  it may succeed later; the only one that is retried
    │   └── ResultError                     the action returned an invalid result
    └── ActionDefinitionError (TypeError)   an action type is defined or registered wrongly

An action may also raise the `InvalidInputError`s of core (a template that finds nothing, a
condition that cannot compare), which are not retried. Anything else is a fault of the action
itself, and is retried.
"""

from collections.abc import Generator
from contextlib import contextmanager
from typing import ClassVar

from ichor_core.errors import IchorError, InvalidInputError


class ActionError(IchorError, RuntimeError):
    """One attempt to run an action failed, for a known reason."""

    retryable: ClassVar[bool] = False
    """Whether a retry may succeed."""


class UnknownActionTypeError(ActionError):
    """No action of this type is registered with this worker."""

    def __init__(self, action_type: str) -> None:
        super().__init__(f"no action type {action_type!r} is registered with this worker")
        self.action_type = action_type


class ConfigError(ActionError):
    """A config that does not fit the action type once its templates are resolved."""

    def __init__(self, message: str, path: str = "$") -> None:
        super().__init__(f"{path}: {message}")
        self.message = message
        self.path = path
        """Place in the config, such as `$.headers.accept`."""


@contextmanager
def config_errors() -> Generator[None]:
    """Raise an invalid value of a config as `ConfigError`."""
    try:
        yield
    except InvalidInputError as error:
        raise ConfigError(error.message, error.path or "$") from error


class RefusedError(ActionError):
    """The other system, or a policy of this one, refuses; a retry would be refused too."""


class TransientError(ActionError):
    """The other system cannot be reached, or asks for a later retry.

    Args:
        message: shown to users.
        retry_after: seconds to wait before the next attempt, as the other system asks.
    """

    retryable: ClassVar[bool] = True

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ResultError(ActionError):
    """An action returned a value that is not of its type's struct, or cannot be stored."""


class ActionDefinitionError(IchorError, TypeError):
    """An action type that is defined or registered wrongly; found when the worker starts."""
