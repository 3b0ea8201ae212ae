"""What infra/README.md says of an overlay and a Secret of one's own can be done."""

import base64
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.infra.kit.manifests import KUBERNETES, each_version, errors, render, renders
from tests.infra.kit.repository import INFRA
from tests.infra.kit.service_settings import unknown_variables

README = (INFRA / "README.md").read_text()
(KUSTOMIZATION,) = re.findall(r"^```yaml\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
(PLACE,) = re.findall(r"`infra/kubernetes/(overlays/\S+/kustomization\.yaml)`", README)
(SECRET,) = re.findall(r"^kubectl .*create secret (?:.*\\\n)*.*$", README, re.MULTILINE)


@pytest.fixture
def documents(tmp_path: Path):
    """Give what the overlay renders, on top of the real ones."""
    copied = shutil.copytree(KUBERNETES, tmp_path / "kubernetes")
    file = copied / PLACE
    file.parent.mkdir()
    file.write_text(KUSTOMIZATION)
    return render(file.parent)


@renders
@each_version
def test_the_overlay_is_valid(documents, version: str):
    assert [error for document in documents for error in errors(document, version)] == []


@renders
def test_the_worker_gets_these_settings_beside_those_it_had(documents):
    named = "worker-settings"
    (settings,) = (one for one in documents if one["metadata"]["name"].startswith(named))
    literals = yaml.safe_load(KUSTOMIZATION)["configMapGenerator"][0]["literals"]

    assert settings["data"].items() >= dict(one.split("=", 1) for one in literals).items()
    assert "TEMPORAL_WORKER_DEPLOYMENT_NAME" in settings["data"]
    assert unknown_variables("worker", set(settings["data"])) == set()
    (worker,) = (
        one
        for one in documents
        if one["kind"] == "Deployment" and one["metadata"]["name"].startswith("worker")
    )
    (container,) = worker["spec"]["template"]["spec"]["containers"]
    assert {"configMapRef": {"name": settings["metadata"]["name"]}} in container["envFrom"]


@renders
def test_the_command_makes_the_secret():
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", f"{SECRET} --dry-run=client -o yaml"],
        capture_output=True,
        text=True,
        check=True,
    )
    secret = yaml.safe_load(done.stdout)

    assert (secret["kind"], secret["metadata"]["name"]) == ("Secret", "ichor")
    assert secret["metadata"]["namespace"] == "ichor"
    values = {name: base64.b64decode(text) for name, text in secret["data"].items()}
    assert values.keys() == {
        *("MIGRATION_DATABASE_URL", "DATABASE_URL", "AMQP_URL", "REPLY_TOKEN_KEYS")
    }
    assert len(base64.b64decode(values["REPLY_TOKEN_KEYS"])) == 32
