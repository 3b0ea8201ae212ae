"""All servers at once."""

import contextlib
from collections.abc import AsyncGenerator
from pathlib import Path

from msgspec import Struct

from ichor_devstack.postgres import PostgresServer, postgres
from ichor_devstack.rabbitmq import rabbitmq
from ichor_devstack.rabbitmq_server import RabbitmqServer
from ichor_devstack.temporal import TemporalServer, temporal


class Stack(Struct, frozen=True):
    """The running servers."""

    postgres: PostgresServer
    temporal: TemporalServer
    rabbitmq: RabbitmqServer | None = None
    """None unless asked for."""


@contextlib.asynccontextmanager
async def stack(
    data_dir: Path | None = None, *, ui: bool = False, amqp: bool = False
) -> AsyncGenerator[Stack]:
    """Run PostgreSQL and Temporal, and RabbitMQ if asked for, while the context lasts.

    Args:
        data_dir: where their data and logs stay; None: nothing stays.
        ui: also serve Temporal's web interface.
        amqp: also run RabbitMQ, which may have to be installed.

    Raises:
        ServerStartError: one does not start; the others are stopped again.
    """
    kept = data_dir is not None
    broker = rabbitmq(data_dir / "rabbitmq" if kept else None)
    async with (
        broker if amqp else contextlib.nullcontext() as messages,
        postgres(data_dir / "postgres" if kept else None, durable=kept) as database,
        temporal(
            data_dir / "temporal" / "temporal.sqlite" if kept else None,
            ui=ui,
            log=data_dir / "temporal" / "temporal.log" if kept else None,
        ) as engine,
    ):
        yield Stack(database, engine, messages)
