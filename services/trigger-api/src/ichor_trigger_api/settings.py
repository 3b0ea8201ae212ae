"""What the environment tells this service."""

from typing import Annotated

from pydantic import Field

from ichor_runtime.settings import (
    DatabaseSettings,
    HttpSettings,
    ProcessSettings,
    TemporalSettings,
)


class ApiSettings(DatabaseSettings, TemporalSettings, HttpSettings, ProcessSettings):
    """Settings of both commands, `serve` and `relay`."""

    database_pool_size: Annotated[int, Field(ge=2, le=500)] = 20
    """Connections to PostgreSQL at most."""
    relay: bool = True
    """Whether `serve` also starts workflows; false where `relay` runs as processes of its own."""
    relay_concurrency: Annotated[int, Field(ge=1, le=1_000)] = 20
    """Workflow starts at a time."""
    sweep_seconds: Annotated[float, Field(gt=0, le=86_400)] = 30.0
    """How often the relay looks for executions that ended without a report."""
