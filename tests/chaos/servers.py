"""The servers, with data that outlive a crash."""

import os
import shutil
import signal
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

from ichor_devstack.ports import free_port
from ichor_devstack.postgres import PostgresServer, postgres
from ichor_devstack.rabbitmq import rabbitmq
from ichor_devstack.rabbitmq_server import RabbitmqServer
from ichor_devstack.temporal import TemporalServer, temporal
from tests.chaos.part import Part, processes_in, signal_all, until

_GONE_SECONDS = 30


class Postgresql:
    """PostgreSQL, which syncs what it commits.

    Args:
        folder: of its data and log.
    """

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._wanted = folder
        self._running = AsyncExitStack()
        self._server: PostgresServer | None = None
        self._data = folder

    @property
    def dsn(self) -> str:
        """Of the maintenance database."""
        assert self._server is not None
        return self._server.dsn

    @property
    def server(self) -> PostgresServer:
        """The server, to create databases."""
        assert self._server is not None
        return self._server

    async def start(self) -> None:
        """Start it; nothing happens if it runs."""
        if self._server is None:
            context = postgres(self._wanted, port=self.port)
            self._server = await self._running.enter_async_context(context)
            assert self._server.folder is not None
            self._data = self._server.folder / "data"

    async def crash(self) -> None:
        """Kill the postmaster; its children end by themselves, and are awaited."""
        if self._server is None or self._server.process is None:
            return
        await self._server.process.kill()

        async def nobody_there() -> bool:
            return not processes_in(self._data)

        if not await until(nobody_there, _GONE_SECONDS):
            signal_all(processes_in(self._data), signal.SIGKILL)
        await self.end()

    async def end(self) -> None:
        """Stop it ("fast"); nothing happens if it is down."""
        self._server = None
        await self._running.aclose()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the postmaster and each of its children."""
        for _ in range(2):  # a child may have been born in between
            signal_all(processes_in(self._data), number)

    def remove(self) -> None:
        """Remove its data, which may be outside the folder that was asked for."""
        shutil.rmtree(self._data.parent, ignore_errors=True)


class Started:
    """A server of which devstack gives a handle: Temporal, RabbitMQ."""

    def __init__(self, server: TemporalServer | RabbitmqServer) -> None:
        self._server = server

    async def start(self) -> None:
        """Start it; nothing happens if it runs."""
        if self._server.process is None:
            await self._server.start()

    async def crash(self) -> None:
        """Kill it (SIGKILL); nothing happens if it is down."""
        await self._server.kill()

    async def end(self) -> None:
        """Stop it; nothing happens if it is down."""
        await self._server.stop()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to its process group."""
        if self._server.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._server.process.pid, number)


class Servers:
    """All three, running."""

    def __init__(
        self, postgresql: Postgresql, temporal: TemporalServer, rabbitmq: RabbitmqServer
    ) -> None:
        self.postgresql = postgresql
        self.temporal = temporal
        self.rabbitmq = rabbitmq
        self.parts: dict[str, Part] = {
            "postgresql": postgresql,
            "temporal": Started(temporal),
            "rabbitmq": Started(rabbitmq),
        }

    @property
    def ports(self) -> dict[str, int]:
        """Where each listens."""
        return {
            "postgresql": self.postgresql.port,
            "temporal": int(self.temporal.address.rpartition(":")[2]),
            "rabbitmq": urlsplit(self.rabbitmq.url).port or 0,
        }


def are_ours() -> bool:
    """Say whether devstack starts the servers itself, so that they may be killed."""
    return not any(os.environ.get(name) for name in ("DATABASE_URL", "AMQP_URL"))


@asynccontextmanager
async def servers(folder: Path) -> AsyncGenerator[Servers]:
    """Run the servers in a folder while the context lasts."""
    async with AsyncExitStack() as stack:
        broker = await stack.enter_async_context(rabbitmq(folder / "rabbitmq"))
        engine = await stack.enter_async_context(
            temporal(folder / "temporal" / "temporal.sqlite", log=folder / "temporal.log")
        )
        database = Postgresql(folder / "postgres")
        stack.callback(database.remove)
        stack.push_async_callback(database.end)
        await database.start()
        running = Servers(database, engine, broker)
        # What was frozen last would not end otherwise.
        stack.callback(_resume, running)
        yield running


def _resume(running: Servers) -> None:
    for part in running.parts.values():
        part.signal(signal.SIGCONT)
