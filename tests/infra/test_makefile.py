"""The targets that build and run: in accord with the Dockerfile and the compose file."""

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.infra.kit import compose_file
from tests.infra.kit.dockerfile_steps import command_of
from tests.infra.kit.repository import INFRA, ROOT, SERVICES

each_service = pytest.mark.parametrize("service", SERVICES)


def commands(target: str, *variables: str) -> list[list[str]]:
    """Return what make would run for a target, but for what it depends on."""
    command = ["make", "--dry-run", "--no-print-directory", target, *variables]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    lines = done.stdout.replace("\\\n", " ").splitlines()
    return [words for line in lines if "sync" not in (words := shlex.split(line))]


def test_every_image_is_built_from_the_dockerfile():
    built = {}
    for words in commands("images", "VERSION=1.2.3", "IMAGE_PREFIX=registry.example.com/ichor"):
        assert words[:4] == ["docker", "build", "-f", "infra/Dockerfile"]
        built[words[words.index("-t") + 1]] = {word for word in words if "=" in word}

    assert built.keys() == {f"registry.example.com/ichor/{service}:1.2.3" for service in SERVICES}
    for name, arguments in built.items():
        service = name.split("/")[-1].split(":")[0]
        assert {f"SERVICE={service}", "VERSION=1.2.3"} <= arguments


@each_service
def test_a_service_is_run_as_its_image_runs_it(service: str):
    (words,) = commands(f"run-{service}")

    assert words[-len(command_of(service)) :] == command_of(service)


def test_a_service_says_which_variables_are_missing():
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    command = ["make", "run-async-completer"]
    done = subprocess.run(command, cwd=ROOT, env=kept, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    for name in ("DATABASE_URL", "AMQP_URL", "REPLY_TOKEN_KEYS"):
        assert f"{name}: is not set" in done.stderr


@pytest.mark.parametrize("target", ["temporal-up", "temporal-down"])
def test_targets_name_services_of_the_compose_file(target: str):
    ((_, *words),) = commands(target)
    services = compose_file.document()["services"]
    named = [word for word in words if word.startswith("temporal")]

    assert "temporal-ui" in named
    for name in named:
        assert services[name]["profiles"] == ["infrastructure"]
    if target == "temporal-down":
        assert set(named) == {name for name in services if name.startswith("temporal")}


def test_without_docker_it_says_what_else_to_do(tmp_path: Path):
    for program in ("sh", "dirname"):
        (tmp_path / program).symlink_to(str(shutil.which(program)))
    done = subprocess.run(
        [INFRA / "docker-compose.sh", "up"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert done.stderr.startswith("error: docker compose is not installed\n")
    assert "make up" in done.stderr


@pytest.mark.parametrize("installed", [True, False])
def test_setup_says_that_it_installs_and_is_silent_where_nothing_is_to_do(
    tmp_path: Path, installed: bool
):
    uv = tmp_path / "uv"
    check = "exit 0" if installed else "exit 1"
    uv.write_text(f'#!/bin/sh\ncase "$*" in *--check*) {check} ;; esac\necho "uv $*"\n')
    uv.chmod(0o755)
    command = ["make", "--no-print-directory", "setup", f"UV={uv}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)

    said = done.stdout.splitlines()
    assert bool(said) is not installed
    if said:
        assert said[0].startswith("Installing what uv.lock names into .venv, the servers among it")
        assert said[1:] == ["uv sync --frozen"]


@pytest.mark.parametrize(
    ("variables", "options"),
    [
        ([], []),
        (["KEEP=yes"], ["--keep"]),
        (["WORKER=no", "KEEP=yes"], ["--without-worker", "--keep"]),
    ],
)
def test_up_is_told_what_is_wanted(variables: list[str], options: list[str]):
    (words,) = commands("up", *variables)

    assert words[words.index("demo") + 1 :] == ["--stay", *options]


def test_help_explains_every_target_that_is_for_people():
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    explained = set(re.findall(r"^  ([a-z-]+) ", done.stdout, re.MULTILINE))
    phony = (ROOT / "Makefile").read_text().replace("\\\n", " ").split(".PHONY:")[1]
    targets = set(phony.splitlines()[0].split())

    assert targets - explained == {f"image-{service}" for service in SERVICES}
    assert max(map(len, done.stdout.splitlines())) <= 100
