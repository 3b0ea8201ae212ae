"""The role of the services can do all that they need, and cannot change the schema."""

import asyncio
import os
import secrets
import subprocess
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
import httpx2
import pytest
from msgspec import Struct

from ichor_devstack.postgres import wheel_binaries
from ichor_edgestore.cli import main
from ichor_edgestore.migrations import migrate
from tests.end_to_end.kit.command import POLL_SECONDS, Command
from tests.infra.kit.repository import INFRA

pytestmark = pytest.mark.servers

SQL = INFRA / "postgres/roles.sql"
ORDERS = """
    CREATE TABLE public.orders (id text PRIMARY KEY, status text, secret text);
    INSERT INTO public.orders VALUES ('1', 'new', 'x');
    GRANT SELECT (id, status), INSERT (id, status), UPDATE (status) ON public.orders TO "{0}";"""
API = "/api/v1/workflow"


class Roles(Struct, frozen=True):
    """A database as each role reaches it."""

    admin: str
    owner: str
    service: str

    @property
    def service_name(self) -> str:
        """The name of the restricted role."""
        return urlsplit(self.service).username or ""


def as_role(dsn: str, name: str, password: str) -> str:
    """Return the DSN of the same database for another role."""
    parts = urlsplit(dsn)
    return urlunsplit(parts._replace(netloc=f"{name}:{password}@{parts.hostname}:{parts.port}"))


def psql(dsn: str, names: Mapping[str, str], passwords: Mapping[str, str]) -> None:
    """Run the file as the documentation and compose do."""
    variables = [f"--set={name}={value}" for name, value in names.items()]
    command = [
        wheel_binaries() / "psql",
        dsn,
        "--no-psqlrc",
        "--quiet",
        *variables,
        f"--file={SQL}",
    ]
    environment = {**os.environ, **passwords}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture
async def admin(postgres_server) -> AsyncIterator[str]:
    dsn = await postgres_server.create_database()
    yield dsn
    await postgres_server.drop_database(dsn)


@pytest.fixture
async def roles(admin: str) -> AsyncIterator[Roles]:
    """Give two roles whose names need quoting, for a database that is still empty."""
    mark = secrets.token_hex(4)
    names = {"owner": f"Ichor owner {mark}", "service": f"Ichor's service {mark}"}
    passwords = {"OWNER_PASSWORD": f"o'{mark}", "SERVICE_PASSWORD": f's"{mark}'}
    await asyncio.to_thread(psql, admin, names, passwords)
    yield await _reached(admin, mark)
    await _drop(admin, names.values())


async def _reached(admin: str, mark: str) -> Roles:
    return Roles(
        admin,
        as_role(admin, f"Ichor%20owner%20{mark}", f"o%27{mark}"),
        as_role(admin, f"Ichor%27s%20service%20{mark}", f"s%22{mark}"),
    )


async def _drop(admin: str, names) -> None:
    connection = await asyncpg.connect(admin)
    for name in names:
        await connection.execute(f'DROP OWNED BY "{name}" CASCADE; DROP ROLE "{name}"')
    await connection.close()


async def test_the_services_run_with_the_restricted_role(roles: Roles, temporal_server, tmp_path):
    """From the event to the row of a declared table, with its ledger; and prune."""
    assert await asyncio.to_thread(main, ["migrate", "--dsn", roles.owner]) == 0
    service = await asyncpg.connect(roles.service)
    (name,) = await service.fetchrow("SELECT current_user")
    await service.close()
    connection = await asyncpg.connect(roles.admin)
    await connection.execute(ORDERS.format(name))
    settings = {
        "DATABASE_URL": roles.service,
        "TEMPORAL_ADDRESS": temporal_server.address,
        "TEMPORAL_NAMESPACE": temporal_server.namespace,
        "DECLARED_TABLES": '{"public.orders": {"key": "id", "columns": ["status"]}}',
    }
    worker = Command(["ichor-worker", "serve"], settings, tmp_path / "worker.log")
    api = Command(["ichor-trigger-api", "serve"], settings, tmp_path / "api.log")
    async with worker.running(), api.running(), httpx2.AsyncClient(base_url=api.url) as client:
        execution = await _run_rule(client)
        while True:
            view = (await client.get(f"{API}/executions/{execution}")).json()
            if view["status"] not in ("pending", "running"):
                break
            await asyncio.sleep(POLL_SECONDS)
    assert view["status"] == "completed", view
    assert await connection.fetchval("SELECT status FROM public.orders WHERE id = '1'") == "seen"
    await connection.close()
    assert await asyncio.to_thread(main, ["current", "--dsn", roles.service]) == 0
    arguments = ["prune", "--keep-days", "1", "--dsn", roles.service]
    assert await asyncio.to_thread(main, arguments) == 0


async def _run_rule(client: httpx2.AsyncClient) -> str:
    """Store a rule with an action of each store, and send an event; returns the execution's id."""
    rule = {"name": "a rule", "trigger_entity": "orders", "trigger_event": "on_update"}
    created = (await client.post(f"{API}/rules", json=rule)).json()["id"]
    first, second = str(uuid4()), str(uuid4())
    where = {"field": "id", "operator": "equals", "value": "1"}
    change = {"table": "public.orders", "where": where, "field": "status", "value": "seen"}
    graph = {
        "actions": [
            {"id": first, "name": "change", "action_type": "update_field", "action_config": change},
            {
                "id": second,
                "name": "tell",
                "action_type": "create_alert",
                "action_config": {"title": "seen", "message": "seen", "severity": "info"},
            },
        ],
        "edges": [
            {"target_action_id": first, "edge_type": "start"},
            {"source_action_id": first, "target_action_id": second, "edge_type": "sequence"},
        ],
    }
    stored = await client.put(f"{API}/rules/{created}/graph", json=graph)
    assert stored.status_code == 200, stored.text
    await client.post(f"{API}/rules/{created}/activate")
    event = {"entity_name": "orders", "entity_id": "1", "event_type": "on_update", "data": {}}
    (accepted,) = (await client.post(f"{API}/events", json=event)).json()["executions"]
    return accepted["execution_id"]


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE workflow.mine (id int)",
        "ALTER TABLE workflow.events ADD COLUMN mine int",
        "DROP TABLE workflow.events",
        "TRUNCATE workflow.executions",
        "CREATE SCHEMA mine",
        "CREATE TABLE public.mine (id int)",
        "SELECT secret FROM public.orders",
        "UPDATE public.orders SET secret = 'y'",
        "DELETE FROM public.orders",
        "CREATE ROLE other",
    ],
)
async def test_the_restricted_role_may_not(roles: Roles, statement: str):
    await migrate(roles.owner)
    service = await asyncpg.connect(roles.service)
    admin = await asyncpg.connect(roles.admin)
    await admin.execute(ORDERS.format(await service.fetchval("SELECT current_user")))
    await admin.close()
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await service.execute(statement)
    await service.close()


async def test_the_restricted_role_cannot_migrate(roles: Roles, capsys):
    assert await asyncio.to_thread(main, ["migrate", "--dsn", roles.service]) == 1
    assert "permission denied" in capsys.readouterr().err


async def test_where_one_role_did_all_before_it_is_brought_in_and_may_run_again(admin: str):
    """And without passwords none is changed."""
    await migrate(admin)
    mark = secrets.token_hex(4)
    names = {"owner": f"Ichor owner {mark}", "service": f"Ichor's service {mark}"}
    passwords = {"OWNER_PASSWORD": f"o'{mark}", "SERVICE_PASSWORD": f's"{mark}'}
    await asyncio.to_thread(psql, admin, names, passwords)
    await asyncio.to_thread(psql, admin, names, {})
    reached = await _reached(admin, mark)
    connection = await asyncpg.connect(admin)
    owners = await connection.fetch(
        "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'workflow'"
    )
    assert [row["tableowner"] for row in owners] == [names["owner"]]
    await migrate(reached.owner)
    service = await asyncpg.connect(reached.service)
    await service.execute("INSERT INTO workflow.action_types SELECT * FROM workflow.action_types")
    assert await service.fetchval("SELECT count(*) FROM workflow.events") == 0
    await service.close()
    await connection.close()
    await _drop(admin, names.values())


def test_no_statement_is_written_to_a_log_with_its_password():
    text = Path(SQL).read_text()
    assert text.index("log_statement = 'none'") < text.index("PASSWORD :'owner_password'")
