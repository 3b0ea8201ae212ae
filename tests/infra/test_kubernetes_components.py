"""What may be added to an installation, and what it is without."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.infra.kit import manifests
from tests.infra.kit.manifests import (
    BASE,
    COMPONENTS,
    KUBERNETES,
    Document,
    container,
    documents,
    each_version,
    pods,
    render,
    renders,
)
from tests.infra.kit.repository import INFRA
from tests.infra.kit.service_settings import MIGRATE, check_settings

PRODUCTION = "overlays/production/kustomization.yaml"


def changed(folder: Path, change: dict[str, Any]) -> list[Document]:
    """Return what production renders with some of its kustomization replaced."""
    copied = shutil.copytree(KUBERNETES, folder / "kubernetes")
    file = copied / PRODUCTION
    file.write_text(yaml.safe_dump(yaml.safe_load(file.read_text()) | change))
    return render(file.parent)


def test_components_are_named_by_their_folders():
    assert [path.name for path in COMPONENTS] == [
        *("ingress", "monitoring", "monitoring-rabbitmq", "prune", "rabbitmq")
    ]


@renders
@each_version
def test_all_of_them_together_are_valid(tmp_path: Path, version: str):
    components = [f"../../components/{path.name}" for path in COMPONENTS]
    found = changed(tmp_path, {"components": components})

    assert [error for document in found for error in manifests.errors(document, version)] == []
    kinds = {document["kind"] for document in found}
    assert {"CronJob", "Ingress", "PodMonitor", "PrometheusRule"} <= kinds
    assert {document["metadata"].get("namespace", "ichor") for document in found} == {"ichor"}


@renders
def test_production_runs_without_rabbitmq(tmp_path: Path):
    found = changed(tmp_path, {"components": ["../../components/prune"]})
    text = yaml.safe_dump_all(found)

    assert not re.search("amqp|rabbitmq|async-completer-|REPLY_TOKEN", text, re.IGNORECASE)
    assert "async-completer" not in {name for name, _ in pods(found)}
    (worker,) = (template for name, template in pods(found) if name == "worker")
    own = container(worker)
    variables = {item["name"]: item.get("value", "a-secret") for item in own["env"]}
    variables["DATABASE_URL"] = "postgresql://user:password@database:5432/ichor"
    maps = {d["metadata"]["name"]: d["data"] for d in found if d["kind"] == "ConfigMap"}
    for source in own["envFrom"]:
        variables |= maps[source["configMapRef"]["name"]]
    check_settings("worker", variables)


@renders
def test_images_may_be_named_by_digest(tmp_path: Path):
    """And the tag beside it stays the build id."""
    images = yaml.safe_load((KUBERNETES / PRODUCTION).read_text())["images"]
    digest = f"sha256:{'a' * 64}"
    found = changed(tmp_path, {"images": [image | {"digest": digest} for image in images]})

    used = {container(template)["image"] for _, template in pods(found)}
    assert used == {f"{image['name']}:0.1.0@{digest}" for image in images}
    (worker,) = (template for name, template in pods(found) if name == "worker")
    variables = {item["name"]: item.get("value") for item in container(worker)["env"]}
    assert variables["TEMPORAL_WORKER_BUILD_ID"] == "0.1.0"
    assert {"worker-0.1.0", "migrate-0.1.0"} <= {d["metadata"]["name"] for d in found}


@pytest.mark.parametrize(
    ("component", "file"), [("monitoring", "ichor"), ("monitoring-rabbitmq", "rabbitmq")]
)
def test_the_rules_are_those_of_the_alerts(component: str, file: str):
    (rules,) = documents(KUBERNETES / "components" / component / "rules.yaml")

    assert rules["spec"] == yaml.safe_load((INFRA / "alerts" / f"{file}.yaml").read_text())


def test_only_the_migration_gets_the_role_that_owns_the_schema():
    for name, template in pods(manifests.written()):
        keys = {
            item["valueFrom"]["secretKeyRef"]["key"]
            for item in container(template).get("env", [])
            if item["name"] == "DATABASE_URL"
        }
        expected = "MIGRATION_DATABASE_URL" if name == MIGRATE else "DATABASE_URL"
        assert keys == {expected}, name


def test_who_may_read_metrics_does_not_reach_the_api():
    policies = {
        document["metadata"]["name"]: document["spec"]
        for document in documents(BASE / "network-policies.yaml")
    }
    allowed = {
        name: [port["port"] for rule in spec.get("ingress", []) for port in rule["ports"]]
        for name, spec in policies.items()
    }

    assert allowed["metrics"] == ["metrics"]
    assert allowed["clients"] == ["http"]


def test_only_the_api_is_reached_through_the_ingress():
    (ingress,) = documents(KUBERNETES / "components/ingress/ingress.yaml")
    spec = ingress["spec"]
    (rule,) = spec["rules"]

    assert [one["hosts"] for one in spec["tls"]] == [[rule["host"]]]
    assert [path["path"] for path in rule["http"]["paths"]] == ["/api/v1/workflow"]


def test_prune_is_run_with_an_option_that_there_is():
    (job,) = documents(KUBERNETES / "components/prune/prune.yaml")
    command = container(manifests.template_of(job))["command"]

    assert command[:4] == ["python", "-m", "ichor_edgestore", "prune"]
    assert command[4:] == ["--keep-days", "$(KEEP_DAYS)"]
