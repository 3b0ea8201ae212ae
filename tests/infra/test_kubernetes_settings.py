"""What manifests give to a service is what the service reads."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.infra.kit import manifests
from tests.infra.kit.manifests import (
    FOLDERS,
    container,
    each_overlay,
    literals,
    pods,
    renders,
    written,
)
from tests.infra.kit.repository import INFRA, SERVICES
from tests.infra.kit.service_settings import (
    MIGRATE,
    PRUNE,
    WORKER_VERSIONING,
    check_settings,
    unknown_variables,
)

README = (INFRA / "README.md").read_text()


def secret_keys(node: Any) -> Iterator[tuple[str, str]]:
    """Give name and key of every Secret that is referred to."""
    match node:
        case {"secretKeyRef": {"name": str(name), "key": str(key)}}:
            yield name, key
        case {"secretName": str(name)}:
            yield name, ""
        case dict():
            for item in node.values():
                yield from secret_keys(item)
        case list():
            for item in node:
                yield from secret_keys(item)
        case _:
            pass


@pytest.mark.parametrize("service", [*SERVICES, MIGRATE, PRUNE])
def test_a_service_knows_every_variable_that_it_is_given(service: str):
    """In every overlay, also where it cannot be rendered: all that is written for it anywhere."""
    (template,) = (template for name, template in pods(written()) if name == service)
    own = container(template)
    names = {item["name"] for item in own.get("env", [])}
    settings = literals([manifests.kustomization(folder) for folder in FOLDERS])
    for source in own.get("envFrom", []):
        names |= set(settings[source["configMapRef"]["name"]])
    for patch in written("patches"):
        if patch["metadata"]["name"] in (service, "each-service") and service in SERVICES:
            names |= {item["name"] for item in container(patch["spec"]["template"]).get("env", [])}

    assert "DATABASE_URL" in names
    assert unknown_variables(service, names) == set()


@renders
@each_overlay
@pytest.mark.parametrize("service", SERVICES)
def test_a_service_can_be_started_with_what_an_overlay_gives_it(
    overlay: str, service: str, tmp_path: Path
):
    documents = manifests.rendered(overlay)
    maps = {
        document["metadata"]["name"]: document["data"]
        for document in documents
        if document["kind"] == "ConfigMap"
    }
    (template,) = (template for name, template in pods(documents) if name == service)
    own = container(template)
    variables: dict[str, str] = {}
    for source in own["envFrom"]:
        variables |= maps[source["configMapRef"]["name"]]
    secrets = {
        "DATABASE_URL": "postgresql://user:password@database:5432/ichor",
        "AMQP_URL": "amqps://user:password@broker:5671/ichor",
        "REPLY_TOKEN_KEYS": "ZGV2ZWxvcG1lbnQtb25seS1ub3QtYS1zZWNyZXQtISE=",
    }
    for item in own["env"]:
        variables[item["name"]] = item.get("value") or secrets.get(item["name"], "a-secret")
    for mount in own["volumeMounts"]:
        if mount["name"] == "temporal-tls":
            for name, value in variables.items():
                if value.startswith(mount["mountPath"]):
                    (tmp_path / Path(value).name).write_text("a certificate or a key")
                    variables[name] = str(tmp_path / Path(value).name)

    check_settings(service, variables)
    versioned = service == "worker" and overlay != "development"
    assert WORKER_VERSIONING & variables.keys() == (WORKER_VERSIONING if versioned else set())


def test_every_key_of_a_secret_is_documented():
    rows = [line for line in README.splitlines() if line.startswith("| `")]
    documented = {
        (row.split("|")[1].strip(" `"), key)
        for row in rows
        for key in re.findall(r"`([^`]+)`", row.split("|")[2])
    }
    used = {pair for kind in ("resources", "patches") for pair in secret_keys(written(kind))}
    mounted = {
        ("temporal-tls", Path(value).name)
        for settings in literals([manifests.kustomization(folder) for folder in FOLDERS]).values()
        for value in settings.values()
        if value.startswith("/etc/temporal-tls/")
    }

    assert used
    assert mounted
    assert {(name, key) for name, key in used if key} | mounted <= documented
