"""The processes, as an operator runs them."""

import asyncio
import json
import os
import subprocess
import sys
from contextlib import asynccontextmanager

import httpx
import pytest

from ichor_devstack.ports import free_port
from ichor_edgestore.migrations import migrate
from ichor_runtime.settings import read_settings
from ichor_trigger_api.app import bare_app
from ichor_trigger_api.http.paths import PREFIX
from ichor_trigger_api.http.server import server_config
from ichor_trigger_api.settings import ApiSettings

pytestmark = pytest.mark.servers

COMMAND = [sys.executable, "-m", "ichor_trigger_api"]


@pytest.fixture
def start(database, temporal_server, until):
    """Give a context manager that runs a command until its process is ready."""

    @asynccontextmanager
    async def start(command, wait_for="/health/ready", errors=None, **variables):
        port = free_port()
        environment = {
            **os.environ,
            "DATABASE_URL": database,
            "TEMPORAL_ADDRESS": temporal_server.address,
            "PORT": str(port),
            **variables,
        }
        process = await asyncio.create_subprocess_exec(
            *COMMAND, command, env=environment, stdout=asyncio.subprocess.PIPE, stderr=errors
        )
        base_url = f"http://127.0.0.1:{port}"
        try:
            async with httpx.AsyncClient(base_url=base_url) as http:

                async def ready() -> bool:
                    assert process.returncode is None
                    try:
                        return (await http.get(wait_for)).status_code == 200
                    except httpx.ConnectError:
                        return False

                await until(ready, bool)
                yield http
        finally:
            process.terminate()
            output, _ = await process.communicate()
        assert process.returncode == 0
        lines = [json.loads(line) for line in output.decode().splitlines()]
        assert lines
        assert not [line for line in lines if line["level"] in ("error", "critical")]

    return start


async def test_serve_takes_events_and_starts_their_workflows(start, executions, until, api):
    await api.rule(api.chain(api.node("A")))
    event = {"entity_name": "order", "entity_id": "1", "event_type": "on_create"}
    async with start("serve") as http:
        accepted = await http.post(f"{PREFIX}/events", json=event)
        assert accepted.status_code == 202
        execution_id = accepted.json()["executions"][0]["execution_id"]
        await until(
            lambda: executions.get(execution_id),
            lambda detail: detail.execution.status == "running",
        )
        too_large = await http.post(f"{PREFIX}/events", content=b" " * 10_000_000)
        assert too_large.status_code == 413
        assert too_large.json()["type"] == "urn:ichor:problem:body-too-large"


async def test_the_relay_runs_as_a_process_of_its_own(start, executions, until, api):
    await api.rule(api.chain(api.node("A")))
    async with start("serve", RELAY="false"):
        (one,) = (await api.event())["executions"]
        detail = await executions.get(one["execution_id"])
        assert detail.execution.status == "pending"
        async with start("relay"):
            await until(
                lambda: executions.get(one["execution_id"]),
                lambda detail: detail.execution.status == "running",
            )


@pytest.mark.parametrize(("command", "has_http"), [("serve", True), ("relay", False)])
async def test_the_relay_alone_loads_no_web_framework(start, tmp_path, command, has_http):
    imports = tmp_path / "imports"
    with imports.open("w") as errors:
        async with start(command, errors=errors, PYTHONPROFILEIMPORTTIME="1"):
            pass
    modules = {line.rpartition("|")[2].strip() for line in imports.read_text().splitlines()}
    assert "ichor_engine" in modules
    for name in ("litestar", "uvicorn", "ichor_trigger_api.app"):
        assert (name in modules) == has_http, name


async def test_an_idle_connection_is_kept_as_long_as_the_setting_says(start):
    request = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"
    async with start("serve", HTTP_KEEP_ALIVE_SECONDS="1") as http:
        reader, writer = await asyncio.open_connection("127.0.0.1", http.base_url.port)
        for _ in range(2):
            writer.write(request)
            assert (await reader.readline()).startswith(b"HTTP/1.1 200")
            assert (await reader.readuntil(b'"live"}')).endswith(b"}")
        assert await reader.read() == b""  # closed by the server
        writer.close()


def test_connections_outlast_those_of_usual_proxies(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@localhost/none")
    monkeypatch.delenv("HTTP_KEEP_ALIVE_SECONDS", raising=False)
    config = server_config(bare_app(), read_settings(ApiSettings))
    assert config.timeout_keep_alive == 75


@pytest.mark.parametrize(("command", "status"), [("serve", 200), ("relay", 503)])
async def test_without_temporal_only_the_relay_alone_is_of_no_use(start, command, status):
    address = f"127.0.0.1:{free_port()}"
    async with start(command, wait_for="/health/live", TEMPORAL_ADDRESS=address) as http:
        ready = await http.get("/health/ready")
        assert ready.status_code == status
        assert ready.json()["checks"]["temporal"]["status"] == "failed"
        assert ready.json()["checks"]["database"]["status"] == "ok"


@pytest.mark.parametrize("command", ["serve", "relay"])
async def test_a_process_waits_for_its_database_to_be_migrated(
    start, command, postgres_server, until
):
    dsn = await postgres_server.create_database()
    async with start(command, wait_for="/health/live", DATABASE_URL=dsn) as http:
        assert (await http.get("/health/ready")).status_code == 503
        await migrate(dsn)
        await until(
            lambda: http.get("/health/ready"), lambda answer: answer.json()["status"] == "ready"
        )
    await postgres_server.drop_database(dsn)


def test_wrong_settings_are_reported_at_once():
    variables = {**os.environ, "PORT": "x", "RELAY_CONCURRENCY": "0", "DATABASE_URL": "mysql://"}
    ended = subprocess.run(
        [*COMMAND, "serve"], env=variables, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 2
    for name in ("PORT", "RELAY_CONCURRENCY", "DATABASE_URL"):
        assert f"{name}:" in ended.stderr
    assert ended.stdout == ""


def test_help_names_the_commands():
    ended = subprocess.run(
        [*COMMAND, "--help"], capture_output=True, text=True, timeout=60, check=True
    )
    assert "serve" in ended.stdout
    assert "relay" in ended.stdout
