"""The completer's environment variables."""

from typing import Annotated

from pydantic import Field

from ichor_runtime.amqp import AmqpSettings, ReplyTokenKeys, ReplyTokenSettings
from ichor_runtime.settings import (
    DatabaseSettings,
    HttpSettings,
    ProcessSettings,
    TemporalSettings,
)


class CompleterSettings(
    AmqpSettings,
    ReplyTokenSettings,
    DatabaseSettings,
    TemporalSettings,
    HttpSettings,
    ProcessSettings,
):
    """The settings of `ichor-async-completer serve`.

    `/health/live`, `/health/ready` and `/metrics` are served on `HOST` and `PORT`.
    """

    port: Annotated[int, Field(ge=0, le=65535)] = 8002
    prefetch: Annotated[int, Field(ge=1, le=1_000)] = 32
    """Maximum replies in hand; if the process dies, each of them counts as one delivery."""
    hold_seconds: Annotated[float, Field(gt=0, le=1_500)] = 900.0
    """Seconds for which a reply is held while Temporal or the database is away, before it is
    re-queued as a new message; RabbitMQ closes the channel after 30 minutes."""
    database_pool_size: Annotated[int, Field(ge=1, le=1_000)] = 5
    """Maximum connections to PostgreSQL."""


class OperatorSettings(AmqpSettings):
    """The settings of the dead-letter commands."""

    reply_token_keys: ReplyTokenKeys | None = None
    """Keys of reply tokens; with them, a dead letter shows why its reply is unusable."""
