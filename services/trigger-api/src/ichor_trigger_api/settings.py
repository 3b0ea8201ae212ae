"""Settings of the trigger API."""

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
    """Maximum number of connections to PostgreSQL."""
    http_keep_alive_seconds: Annotated[int, Field(ge=1, le=3_600)] = 75
    """Seconds after which an idle HTTP connection is closed; keep it above that of the proxy."""
    relay: bool = True
    """Start workflows in `serve` too; false: only processes of `relay` start them."""
    relay_concurrency: Annotated[int, Field(ge=1, le=1_000)] = 20
    """Maximum number of concurrent workflow starts."""
    sweep_seconds: Annotated[float, Field(gt=0, le=86_400)] = 30.0
    """Seconds between two pages of the sweep for executions that ended without a record."""
