"""Everything that the demo runs on: servers, services, and the world outside."""

import asyncio
import base64
import secrets
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from msgspec import Struct, field

from demo import inventory
from demo.api import PREFIX
from demo.broker import Broker, broker
from demo.console import Console
from demo.database import Database, database
from demo.kept import Kept
from demo.mail_sink import MailSink, mail_sink
from demo.parallel import in_parallel
from demo.partner import Partner, partner
from demo.services import Service, start_outsider, start_service
from demo.tables import DECLARED_TABLES, create_tables
from demo.watched import Watched
from ichor_core import exact_json
from ichor_devstack.ports import LOOPBACK
from ichor_devstack.processes import ServerProcess
from ichor_devstack.rabbitmq_server import RabbitmqServer
from ichor_devstack.temporal import TemporalServer, temporal
from ichor_edgestore.migrations import migrate

WORKER = ("ichor-worker", "serve")
API = ("ichor-trigger-api", "serve")
COMPLETER = ("ichor-async-completer", "serve")
MAILS = "mails"
"""The folder of the mails, in that of the logs."""
REQUESTED = ("allocate_inventory",)
"""The action types whose requests somebody takes."""


class Surroundings(Struct, frozen=True):
    """What runs, and where."""

    dsn: str
    inventory_dsn: str
    api_url: str
    temporal_ui: str
    broker: Broker
    partner: Partner
    mails: MailSink
    processes: list[Watched]
    variables: dict[str, str]
    """With which a service, or a command, reaches all of it."""
    kept: Kept | None = None
    """What outlives it; None: nothing."""


class _Databases(Struct, frozen=True):
    """The DSNs of the engine with its application, and of the inventory service."""

    ichor: str
    inventory: str


class _Startup(Struct):
    """What is up so far."""

    stack: AsyncExitStack
    logs: Path
    console: Console
    kept: Kept | None = None
    processes: list[Watched] = field(default_factory=list[Watched])
    services: list[Service] = field(default_factory=list[Service])
    servers: list[TemporalServer | RabbitmqServer] = field(
        default_factory=list[TemporalServer | RabbitmqServer]
    )
    began: float = field(default_factory=time.monotonic)

    def note(self, what: str, detail: str, process: ServerProcess | None, log: Path) -> None:
        """Tell that a server is up; a process is watched from now on."""
        if process:
            self.processes.append(Watched(what, process, log))
        self.console.done(what, detail, time.monotonic() - self.began)

    async def databases(self, own: Database) -> _Databases:
        """Start PostgreSQL and make the databases."""
        await own.start()
        databases = _Databases(
            await own.open_database("ichor"), await own.open_database("inventory")
        )
        await migrate(databases.ichor)
        await create_tables(databases.ichor)
        server = own.server
        log = (server.folder or self.logs) / "postgres.log"
        what = "new databases" if self.kept is None or self.kept.is_new else "kept databases"
        if server.process:
            self.processes.append(Watched("PostgreSQL", server.process, log, revive=own.revive))
        self.note("PostgreSQL", f"{what}, migrated", None, log)
        return databases

    async def temporal(self) -> TemporalServer:
        """Start Temporal."""
        log = self.logs / "temporal.log"
        file = self.kept and self.kept.folder / "temporal" / "temporal.sqlite"
        server = await self.stack.enter_async_context(temporal(file, ui=True, log=log))
        self.servers.append(server)
        self.note("Temporal", server.address, server.process, log)
        return server

    async def rabbitmq(self, messages: Broker) -> None:
        """Start RabbitMQ."""
        server = messages.server
        if server:
            self.servers.append(server)
        await messages.start()
        log = ((server and server.folder) or self.logs) / "rabbitmq.log"
        self.note("RabbitMQ", messages.description, server and server.process, log)

    async def ichor(self, command: tuple[str, ...], settings: dict[str, str]) -> Service:
        """Start a service of Ichor."""
        port = self.kept and self.kept.port(command[0])
        return await self._ready(await start_service(command, settings, self.logs, port))

    async def inventory(self, settings: dict[str, str]) -> None:
        """Start the inventory service."""
        started = await start_outsider(
            inventory.NAME, inventory.COMMAND, settings, self.logs, ready=inventory.IS_READY
        )
        await self._ready(started)

    async def _ready(self, service: Service) -> Service:
        self.services.append(service)
        await service.wait_until_ready()
        detail = service.url or "an example of another system"
        watched = Watched(service.name, service.process, service.log, service.again)
        self.processes.append(watched)
        self.console.done(service.name, detail, time.monotonic() - self.began)
        return service

    async def stop(self) -> None:
        """Stop all services at once, then the servers that take their time."""
        await asyncio.gather(*(service.stop() for service in self.services))
        # Their contexts would do it too, but one after the other.
        await asyncio.gather(*(server.stop() for server in self.servers))


@asynccontextmanager
async def surroundings(
    logs: Path, console: Console, *, worker: bool = True, kept: Kept | None = None
) -> AsyncGenerator[Surroundings]:
    """Run everything while the context lasts, each part as soon as what it needs is there.

    Args:
        logs: the folder for the logs of the processes.
        console: is told what is up.
        worker: False: none is started; it is the user's to start.
        kept: where the data of the servers stay; None: they end with the context.

    Raises:
        DatabaseError: the server that `DATABASE_URL` names does not answer.
        NotInstalledError: RabbitMQ is not there and cannot be installed.
        ServerStartError: a process does not start; all others are stopped again.
    """
    async with AsyncExitStack() as stack:
        folder = kept and kept.folder / "rabbitmq"
        messages = await stack.enter_async_context(broker(REQUESTED, folder))
        mails = await stack.enter_async_context(mail_sink(logs / MAILS))
        # Rules hold its address.
        system = await stack.enter_async_context(partner(kept.port("partner") if kept else 0))
        own = await stack.enter_async_context(database(kept))
        up = _Startup(stack, logs, console, kept)
        async with in_parallel() as group:
            broker_starts = group.create_task(up.rabbitmq(messages))
            databases_start = group.create_task(up.databases(own))
            temporal_starts = group.create_task(up.temporal())
            databases, engine = await databases_start, await temporal_starts

            stack.push_async_callback(up.stop)
            common = {
                "DATABASE_URL": databases.ichor,
                "TEMPORAL_ADDRESS": engine.address,
                "TEMPORAL_NAMESPACE": engine.namespace,
                "SHUTDOWN_GRACE_SECONDS": "5",
            }
            amqp = {"AMQP_URL": messages.url, "AMQP_PREFIX": messages.prefix}
            keys = {"REPLY_TOKEN_KEYS": kept.text("key", _new_key) if kept else _new_key()}
            world = _world(mails)
            if worker:
                group.create_task(up.ichor(WORKER, common | amqp | keys | world))
            api_starts = group.create_task(up.ichor(API, common))
            # It waits for the broker by itself; begun earlier, it would only take the others' time.
            await api_starts
            group.create_task(up.ichor(COMPLETER, common | amqp | keys))
            await broker_starts
            outside = inventory.settings(databases.inventory)
            stock = inventory.stock_settings() if kept is None or kept.is_new else {}
            group.create_task(up.inventory(amqp | outside | stock))
        api_url = api_starts.result().url
        yield Surroundings(
            databases.ichor,
            databases.inventory,
            api_url,
            engine.ui_address or "",
            messages,
            system,
            mails,
            up.processes,
            {
                **{"ICHOR": api_url + PREFIX, "HOST": LOOPBACK},
                **(common | amqp | keys | world | outside),
            },
            kept,
        )


def _new_key() -> str:
    """Return a key that seals reply tokens."""
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _world(mails: MailSink) -> dict[str, str]:
    """Return what the worker is told of the world outside."""
    return {
        "DECLARED_TABLES": exact_json.encode(DECLARED_TABLES).decode(),
        "SMTP_HOST": LOOPBACK,
        "SMTP_PORT": str(mails.port),
        "SMTP_SENDER": "Orders <orders@example.com>",
        "SMTP_TLS": "none",
        "WEBHOOK_ALLOWED_TARGETS": f'["{LOOPBACK}"]',
    }
