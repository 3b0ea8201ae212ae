"""Durations in configs: seconds, or text of ISO 8601."""

from datetime import timedelta
from typing import Annotated

from msgspec import Meta

from ichor_actions.errors import config_errors
from ichor_core import formats
from ichor_core.formats import DURATION, MAX_DURATION

__all__ = ["MAX_DURATION", "Duration", "read_duration"]

Duration = Annotated[
    float | str,
    Meta(
        description="Seconds, or a duration of ISO 8601: `PT90M`, `P7D`, `P2W`",
        extra_json_schema={"format": DURATION},
    ),
]
"""Above zero and at most a year; read it with `read_duration`."""


def read_duration(value: float | str, path: str) -> timedelta:
    """Return a duration; months and years, which differ in length, are refused.

    Raises:
        ConfigError: it is none, not above zero, or more than a year.
    """
    with config_errors():
        return formats.read_duration(value, path)
