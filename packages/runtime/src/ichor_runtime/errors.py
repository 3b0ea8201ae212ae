"""Errors of a process rather than of its data."""

from ichor_core.errors import IchorError


class SettingsError(IchorError, ValueError):
    """Invalid environment variables; `problems` has one line for each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class UnhealthyError(IchorError, RuntimeError):
    """A failed health check; its text is shown in the health report."""


class PublishError(IchorError, ConnectionError):
    """A message that RabbitMQ did not accept, or has no queue for; a retry may succeed."""
