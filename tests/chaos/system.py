"""A whole Ichor, each of whose processes reaches each server through a proxy of its own."""

import asyncio
import base64
import json
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import httpx2
import msgspec
from temporalio.client import Client

from ichor_devstack.ports import LOOPBACK
from ichor_edgestore.migrations import migrate
from ichor_runtime.amqp import Topology
from ichor_runtime.temporal import data_converter
from tests.chaos.kinds import PROCESSES
from tests.chaos.mail_server import MailServer, mail_server
from tests.chaos.part import Part, until
from tests.chaos.proxy import Proxy, proxy
from tests.chaos.servers import Servers, servers
from tests.chaos.service import Service
from tests.chaos.shapes import DECLARED, SKU, TABLES, Shape, make_shapes
from tests.end_to_end.kit.gated_target import GatedTarget, gated_target

STOCK = 1_000_000
READY_SECONDS = 120.0
TOPOLOGY = Topology()
_TYPE = "allocate_inventory"


class System:
    """The servers, the proxies, the processes and the systems outside.

    Attributes:
        rules: id of the rule, by name of its shape.
    """

    def __init__(
        self, folder: Path, running: Servers, target: GatedTarget, mail: MailServer
    ) -> None:
        self.folder = folder
        self.servers = running
        self.target = target
        self.mail = mail
        self.proxies: dict[str, Proxy] = {}
        self.services: dict[str, Service] = {}
        self.shapes: dict[str, Shape] = make_shapes(target.url)
        self.rules: dict[str, str] = {}
        self.dsn = ""
        self.inventory_dsn = ""

    @property
    def parts(self) -> dict[str, Part]:
        """Every process and server, by name."""
        return {**self.services, **self.servers.parts}

    @property
    def api(self) -> str:
        """The URL of the API."""
        return f"{self.services['trigger-api'].url}/api/v1/workflow"

    async def open(self, stack: AsyncExitStack) -> None:
        """Make the databases, start proxies and processes, store the rules."""
        self.dsn = await self._make_database("chaos", TABLES)
        await migrate(self.dsn)
        self.inventory_dsn = await self._make_database("inventory")
        for process, used in PROCESSES.items():
            for server in used:
                name = f"{process}->{server}"
                one = proxy(name, self.servers.ports[server])
                self.proxies[name] = await stack.enter_async_context(one)
        self._make_services()
        stack.push_async_callback(self.close)
        await asyncio.gather(*(service.start() for service in self.services.values()))
        if not await self.is_whole(READY_SECONDS):
            raise RuntimeError(f"not ready within {READY_SECONDS:.0f} s; see {self.folder}")
        await self._store_rules()

    async def close(self) -> None:
        """Kill every process."""
        await asyncio.gather(*(service.crash() for service in self.services.values()))

    async def heal(self) -> None:
        """Undo every fault: all servers and processes run, all links pass."""
        for part in self.parts.values():
            part.signal(signal.SIGCONT)
        for one in self.proxies.values():
            await one.heal()
        for part in self.parts.values():
            await part.start()

    async def is_whole(self, seconds: float) -> bool:
        """Say whether all processes are ready, and the queues durable, within so many seconds."""
        return await until(self._whole, seconds)

    async def connect(self, dsn: str) -> asyncpg.Connection:
        """Connect to a database, not through a proxy."""
        return await asyncpg.connect(dsn, timeout=10, command_timeout=60)

    async def temporal_client(self) -> Client:
        """Return a client of Temporal, not through a proxy."""
        return await Client.connect(self.servers.temporal.address, data_converter=data_converter)

    async def _whole(self) -> bool:
        ready = await asyncio.gather(*(one.is_ready() for one in self.services.values()))
        names = (TOPOLOGY.request_queue(_TYPE), TOPOLOGY.replies, TOPOLOGY.dead_letters)
        return all(ready) and all(map(self.servers.rabbitmq.keeps_queue, names))

    async def _make_database(self, name: str, statements: str = "") -> str:
        dsn = await self.servers.postgresql.server.create_database(name)
        if statements:
            connection = await self.connect(dsn)
            try:
                await connection.execute(statements)
            finally:
                await connection.close()
        return dsn

    def _make_services(self) -> None:
        keys = {"REPLY_TOKEN_KEYS": base64.b64encode(b"k" * 32).decode()}
        worker = {
            "DECLARED_TABLES": json.dumps(DECLARED),
            "WEBHOOK_ALLOWED_TARGETS": json.dumps([LOOPBACK]),
            "SMTP_HOST": LOOPBACK,
            "SMTP_PORT": str(self.mail.port),
            "SMTP_SENDER": "ichor@example.com",
            "SMTP_TLS": "none",
        }
        python = Path(sys.executable).name
        commands: dict[str, tuple[list[str], dict[str, str]]] = {
            "trigger-api": (["ichor-trigger-api", "serve"], {"RELAY": "false"}),
            "relay": (["ichor-trigger-api", "relay"], {}),
            "worker": (["ichor-worker", "serve"], {**keys, **worker}),
            "async-completer": (["ichor-async-completer", "serve"], keys),
            "inventory-service": (
                [python, "-m", "examples.inventory_service"],
                {"INVENTORY_THINK_SECONDS": "0.1"},
            ),
        }
        for name, (arguments, settings) in commands.items():
            outside = name == "inventory-service"
            self.services[name] = Service(
                name,
                arguments,
                {**self._addresses(name), **settings},
                self.folder,
                # It sets what is available at each start, also over what was taken since.
                once={"INVENTORY_STOCK": json.dumps({SKU: STOCK})} if outside else None,
                ready_line="Consuming" if outside else None,
            )

    def _addresses(self, process: str) -> dict[str, str]:
        """Return the settings that lead a process through its proxies."""
        found: dict[str, str] = {}
        for server in PROCESSES[process]:
            port = self.proxies[f"{process}->{server}"].port
            if server == "temporal":
                found["TEMPORAL_ADDRESS"] = f"{LOOPBACK}:{port}"
            elif server == "rabbitmq":
                found["AMQP_URL"] = _through(self.servers.rabbitmq.url, port)
            elif process == "inventory-service":
                found["INVENTORY_DATABASE_URL"] = _through(self.inventory_dsn, port)
            else:
                found["DATABASE_URL"] = _through(self.dsn, port)
        return found

    async def _store_rules(self) -> None:
        async with httpx2.AsyncClient(trust_env=False, timeout=30, verify=False) as client:
            for shape in self.shapes.values():
                rule = {
                    "name": shape.name,
                    "trigger_entity": shape.entity,
                    "trigger_event": "on_create",
                }
                created = await client.post(f"{self.api}/rules", json=rule)
                assert created.status_code == 201, created.text
                rule_id = self.rules[shape.name] = created.json()["id"]
                path, graph = f"{self.api}/rules/{rule_id}", msgspec.to_builtins(shape.graph)
                saved = await client.put(f"{path}/graph", json=graph)
                assert saved.status_code == 200, saved.text
                activated = await client.post(f"{path}/activate")
                assert activated.status_code == 200, activated.text


def _through(url: str, port: int) -> str:
    """Return a URL with another port of this machine."""
    parts = urlsplit(url)
    user, at, _ = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user}{at}{LOOPBACK}:{port}"))


@asynccontextmanager
async def system(folder: Path) -> AsyncGenerator[System]:
    """Run an Ichor in a folder while the context lasts."""
    folder.mkdir(parents=True, exist_ok=True)
    async with AsyncExitStack() as stack:
        target = await stack.enter_async_context(gated_target())
        mail = await stack.enter_async_context(mail_server())
        running = await stack.enter_async_context(servers(folder))
        one = System(folder, running, target, mail)
        await one.open(stack)
        yield one
