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
    """Everything that the service can be told.

    `HOST` and `PORT` are where it answers `/health/live` and `/health/ready`.
    """

    port: Annotated[int, Field(ge=0, le=65535)] = 8002
    prefetch: Annotated[int, Field(ge=1, le=1_000)] = 32
    """Replies in hand at a time; if the process dies, each of them counts as delivered once."""
    hold_seconds: Annotated[float, Field(gt=0, le=1_500)] = 900.0
    """A reply that cannot be delivered for so long is put back into the queue as a new message;
    RabbitMQ closes the channel after 30 minutes."""
    database_pool_size: Annotated[int, Field(ge=1, le=1_000)] = 5


class OperatorSettings(AmqpSettings):
    """What the commands about dead letters can be told."""

    reply_token_keys: ReplyTokenKeys | None = None
    """With them a dead letter shows why its reply cannot be used."""
