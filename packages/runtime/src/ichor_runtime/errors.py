"""Errors of a process rather than of its data."""

from ichor_core.errors import IchorError


class SettingsError(IchorError, ValueError):
    """Environment variables that cannot be used; `problems` has one line for each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class UnhealthyError(IchorError, RuntimeError):
    """What a health check found; its text is shown in the answer."""


class PublishError(IchorError, ConnectionError):
    """A message that the broker did not take, or has no queue for; trying again may help."""
