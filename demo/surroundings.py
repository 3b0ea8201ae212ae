"""Everything that the demo runs on: servers, services, and the world outside."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TypeVar

from msgspec import Struct

from demo.console import Console
from demo.mail_sink import MailSink, mail_sink
from demo.partner import Partner, partner
from demo.services import Service, start_service, watch
from demo.tables import DECLARED_TABLES, create_tables
from ichor_core import exact_json
from ichor_devstack.ports import LOOPBACK
from ichor_devstack.postgres import postgres
from ichor_devstack.processes import ServerProcess
from ichor_devstack.temporal import temporal
from ichor_edgestore.migrations import migrate

T = TypeVar("T")

WORKER = ("ichor-worker",)
API = ("ichor-trigger-api", "serve")


class Surroundings(Struct, frozen=True):
    """What runs, and where."""

    dsn: str
    api_url: str
    temporal_ui: str
    partner: Partner
    mails: MailSink
    processes: list[tuple[str, ServerProcess, Path]]
    """Name, process and log of each."""

    async def watch(self) -> None:
        """Wait for ever, unless a process ends.

        Raises:
            ServerEndedError: one ended.
        """
        await asyncio.gather(*(watch(*process) for process in self.processes))


@asynccontextmanager
async def surroundings(logs: Path, console: Console) -> AsyncGenerator[Surroundings]:
    """Run everything while the context lasts, with a new database.

    Args:
        logs: the folder for the logs of the processes.
        console: is told what is up.

    Raises:
        ServerStartError: a process does not start; all others are stopped again.
    """
    began = time.monotonic()
    processes: list[tuple[str, ServerProcess, Path]] = []
    async with AsyncExitStack() as stack:

        def since() -> float:
            return time.monotonic() - began

        database = await stack.enter_async_context(postgres(durable=False))
        dsn = await database.create_database()
        stack.push_async_callback(database.drop_database, dsn)
        await migrate(dsn)
        await create_tables(dsn)
        if database.process and database.folder:
            log = database.folder / "postgres.log"
            processes.append(("PostgreSQL", database.process, log))
        console.done("PostgreSQL", "a new database, migrated", since())

        engine = await stack.enter_async_context(temporal(ui=True, log=logs / "temporal.log"))
        if engine.process:
            processes.append(("Temporal", engine.process, logs / "temporal.log"))
        console.done("Temporal", engine.address, since())

        mails = await stack.enter_async_context(mail_sink())
        system = await stack.enter_async_context(partner())

        common = {
            "DATABASE_URL": dsn,
            "TEMPORAL_ADDRESS": engine.address,
            "TEMPORAL_NAMESPACE": engine.namespace,
            "SHUTDOWN_GRACE_SECONDS": "5",
        }
        world = {
            "DECLARED_TABLES": exact_json.encode(DECLARED_TABLES).decode(),
            "SMTP_HOST": LOOPBACK,
            "SMTP_PORT": str(mails.port),
            "SMTP_SENDER": "Orders <orders@example.com>",
            "SMTP_TLS": "none",
            "WEBHOOK_ALLOWED_TARGETS": f'["{LOOPBACK}"]',
        }
        services: list[Service] = []
        for command, settings in ((WORKER, common | world), (API, common)):
            service = await start_service(command, settings, logs)
            stack.push_async_callback(service.stop)
            processes.append((service.name, service.process, service.log))
            services.append(service)
        for service in services:
            await service.wait_until_ready()
            console.done(service.name, service.url, since())
        yield Surroundings(dsn, service.url, engine.ui_address or "", system, mails, processes)
