"""The passwords of compose: generated, kept, and refused where everybody knows them."""

import base64
import os
import stat
import subprocess
from pathlib import Path

import pytest
import yaml
from dotenv import dotenv_values

from tests.infra.kit import compose_file
from tests.infra.kit.compose_file import EXAMPLE, generate
from tests.infra.kit.repository import INFRA

PASSWORDS = [name for name, value in dotenv_values(EXAMPLE).items() if not value]
KNOWN_KEY = "ZGV2ZWxvcG1lbnQtb25seS1ub3QtYS1zZWNyZXQtISE="
"""Of the overlay development."""


def test_a_new_file_has_a_value_of_its_own_for_each(tmp_path: Path):
    files = [tmp_path / "one", tmp_path / "two"]
    for file in files:
        done = generate(file)
        assert (done.returncode, done.stderr) == (0, f"{file} is new, with passwords of its own\n")
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    read = [dotenv_values(file) for file in files]
    found = [values[name] for values in read for name in PASSWORDS]
    assert PASSWORDS[-1] == "REPLY_TOKEN_KEYS"
    assert len(set(found)) == 2 * len(PASSWORDS)
    assert all(value and len(value) >= 44 for value in found)
    assert len(base64.b64decode(read[0]["REPLY_TOKEN_KEYS"] or "")) == 32
    assert read[0].keys() == compose_file.example().keys()


def test_what_is_there_stays_and_what_is_missing_is_added(tmp_path: Path):
    file = tmp_path / ".env"
    file.write_text('# mine\nPOSTGRES_PASSWORD="a|b&c/d"\nREPLY_TOKEN_KEYS=\nLOG_LEVEL=debug')
    assert generate(file).returncode == 0
    first = file.read_text()
    values = dotenv_values(file)
    assert first.startswith('# mine\nPOSTGRES_PASSWORD="a|b&c/d"\nREPLY_TOKEN_KEYS=')
    assert values["LOG_LEVEL"] == "debug"
    assert all(values[name] for name in PASSWORDS)
    assert generate(file).returncode == 0
    assert file.read_text() == first
    assert [path.name for path in tmp_path.iterdir()] == [".env"]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("POSTGRES_PASSWORD=development", "POSTGRES_PASSWORD"),
        ("RABBITMQ_PASSWORD='guest'", "RABBITMQ_PASSWORD"),
        ('GRAFANA_PASSWORD="admin"', "GRAFANA_PASSWORD"),
        (f"REPLY_TOKEN_KEYS={KNOWN_KEY}", "REPLY_TOKEN_KEYS"),
    ],
)
def test_what_everybody_knows_is_refused(tmp_path: Path, line: str, name: str):
    file = tmp_path / ".env"
    file.write_text(f"{line}\n")
    done = generate(file)
    assert done.returncode == 2
    assert done.stderr.startswith(f"error: everybody knows these values in {file}: {name}\n")
    heading = done.stderr.rpartition(", ")[2].strip()
    assert f"### {heading}\n" in (INFRA / "README.md").read_text()


def copied(folder: Path) -> Path:
    """Copy what runs compose, beside a docker that writes down how it is called."""
    for name in (
        "compose.yaml",
        ".env.example",
        "generate-env.sh",
        "docker-compose.sh",
        "pin-images.sh",
    ):
        target = folder / name
        target.write_bytes((INFRA / name).read_bytes())
        target.chmod((INFRA / name).stat().st_mode)
    (folder / "bin").mkdir()
    docker = folder / "bin/docker"
    docker.write_text(
        "#!/bin/sh\n"
        f'case "$*" in *imagetools*) echo "sha256:{"b" * 64}" ;;\n'
        f'  *) echo "$*" >> {folder}/calls ;; esac\n'
    )
    docker.chmod(0o755)
    return folder


def run(folder: Path, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run one of the copied programs."""
    environment = {**os.environ, "PATH": f"{folder}/bin:{os.environ['PATH']}"}
    command = [folder / program, *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_compose_is_run_with_a_file_of_its_own(tmp_path: Path):
    folder = copied(tmp_path)
    assert run(folder, "docker-compose.sh", "up", "--detach").returncode == 0
    assert (folder / "calls").read_text().splitlines()[-1] == "compose up --detach"
    assert all(dotenv_values(folder / ".env")[name] for name in PASSWORDS)
    (folder / ".env").write_text("GRAFANA_PASSWORD=admin\n")
    calls = (folder / "calls").read_text()
    assert run(folder, "docker-compose.sh", "up").returncode == 2
    assert "compose up" not in (folder / "calls").read_text().removeprefix(calls)


def test_images_are_pinned_by_what_the_registry_says(tmp_path: Path):
    folder = copied(tmp_path)
    assert run(folder, "pin-images.sh").returncode == 0
    pinned = yaml.safe_load((folder / "compose.digests.yaml").read_text())["services"]
    others = {
        name: f"{service['image']}@sha256:{'b' * 64}"
        for name, service in compose_file.resolved()["services"].items()
        if "build" not in service
    }
    assert {name: service["image"] for name, service in pinned.items()} == others
    assert run(folder, "docker-compose.sh", "ps").returncode == 0
    last = (folder / "calls").read_text().splitlines()[-1]
    assert last == "compose --file compose.yaml --file compose.digests.yaml ps"


def test_a_registry_that_does_not_answer_changes_nothing(tmp_path: Path):
    folder = copied(tmp_path)
    (folder / "bin/docker").write_text("#!/bin/sh\nexit 1\n")
    assert run(folder, "pin-images.sh").returncode != 0
    assert not (folder / "compose.digests.yaml").exists()
