"""The Kubernetes manifests: valid, complete, and in accord with the services."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.infra import manifests
from tests.infra.dockerfile_steps import variables_of
from tests.infra.manifests import BASE, KUBERNETES, OVERLAYS, VERSIONS, Document
from tests.infra.repository import HEALTH_PATHS, INFRA, METRICS_PATH, SERVICES
from tests.infra.service_settings import (
    MIGRATE,
    WORKER_VERSIONING,
    check_settings,
    unknown_variables,
)

COMPONENT = "app.kubernetes.io/component"
FOLDERS = (BASE, *(KUBERNETES / "overlays" / name for name in OVERLAYS))
README = (INFRA / "README.md").read_text()

each_overlay = pytest.mark.parametrize("overlay", OVERLAYS)
each_version = pytest.mark.parametrize("version", VERSIONS)
renders = pytest.mark.skipif(
    not manifests.can_render(), reason="kubectl, which renders overlays, is not installed"
)


def files(folder: Path, kind: str) -> list[Path]:
    """Return the files that a folder's kustomization names as resources or patches."""
    named = manifests.kustomization(folder).get(kind, [])
    paths = [folder / (item if kind == "resources" else item["path"]) for item in named]
    return [path for path in paths if not path.is_dir()]


def written(kind: str = "resources") -> list[Document]:
    """Return what is written as resources or as patches, in all folders."""
    return [
        document
        for folder in FOLDERS
        for file in files(folder, kind)
        for document in manifests.documents(file)
    ]


def pods(documents: list[Document]) -> Iterator[tuple[str, Any]]:
    """Give name of component and pod of everything that is ours and runs."""
    for document in documents:
        if document["kind"] in ("Deployment", "Job"):
            template = document["spec"]["template"]
            component = template.get("metadata", {}).get("labels", {}).get(COMPONENT)
            if component is not None:
                yield component, template


def container(template: Any) -> Any:
    """Return the one container of a pod."""
    (only,) = template["spec"]["containers"]
    return only


def literals(documents: list[Document]) -> dict[str, dict[str, str]]:
    """Return the variables of each generated ConfigMap; what comes later replaces."""
    found: dict[str, dict[str, str]] = {}
    for document in documents:
        for generator in document.get("configMapGenerator", []):
            pairs = (literal.split("=", 1) for literal in generator["literals"])
            found.setdefault(generator["name"], {}).update(pairs)
    return found


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


def test_every_file_is_named_by_a_kustomization_and_is_there():
    named = {
        path
        for folder in FOLDERS
        for kind in ("resources", "patches")
        for path in files(folder, kind)
    }
    there = set(KUBERNETES.rglob("*.yaml")) - {folder / "kustomization.yaml" for folder in FOLDERS}

    assert named == there


def test_every_overlay_is_based_on_a_folder_that_is_there():
    for folder in FOLDERS[1:]:
        below = manifests.kustomization(folder)["resources"]

        assert any((folder / path).resolve() in FOLDERS for path in below), folder


@each_version
def test_every_manifest_is_valid(version: str):
    found = [error for document in written() for error in manifests.errors(document, version)]

    assert found == []


@each_version
def test_every_patch_is_valid(version: str):
    patches = written("patches")

    assert patches
    assert [e for patch in patches for e in manifests.errors(patch, version, partial=True)] == []


@each_version
@pytest.mark.parametrize("partial", [False, True])
def test_a_misspelt_field_is_found(version: str, partial: bool):
    (document, *_) = manifests.documents(BASE / "worker.yaml")
    document["spec"]["template"]["spec"]["containers"][0]["readinesProbe"] = {}

    (error,) = manifests.errors(document, version, partial=partial)

    assert "readinesProbe" in error
    assert "Deployment worker" in error


@each_version
def test_a_missing_field_is_found(version: str):
    (document, *_) = manifests.documents(BASE / "worker.yaml")
    del document["spec"]["selector"]

    assert manifests.errors(document, version)


@renders
@each_version
@each_overlay
def test_what_an_overlay_renders_is_valid(overlay: str, version: str):
    documents = manifests.rendered(overlay)

    assert {name for name, _ in pods(documents)} == {*SERVICES, MIGRATE}
    assert [error for document in documents for error in manifests.errors(document, version)] == []


@pytest.mark.parametrize("service", [*SERVICES, MIGRATE])
def test_a_service_knows_every_variable_that_it_is_given(service: str):
    """In every overlay, also where it cannot be rendered: all that is written for it anywhere."""
    (template,) = (template for name, template in pods(written()) if name == service)
    own = container(template)
    names = {item["name"] for item in own.get("env", [])}
    settings = literals([manifests.kustomization(folder) for folder in FOLDERS])
    for source in own.get("envFrom", []):
        names |= set(settings[source["configMapRef"]["name"]])
    for patch in written("patches"):
        if patch["metadata"]["name"] in (service, "each-service") and service != MIGRATE:
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


@pytest.mark.parametrize("service", SERVICES)
def test_probes_and_metrics_ask_where_the_service_answers(service: str):
    (template,) = (template for name, template in pods(written()) if name == service)
    own = container(template)
    port = variables_of("", SERVICE=service)["PORT"]

    assert own["ports"] == [{"name": "http", "containerPort": int(port)}]
    probes = {kind: own[f"{kind}Probe"]["httpGet"] for kind in ("startup", "liveness", "readiness")}
    assert {kind: probe["port"] for kind, probe in probes.items()} == dict.fromkeys(probes, "http")
    assert {kind: probe["path"] for kind, probe in probes.items()} == {
        "startup": HEALTH_PATHS["live"],
        "liveness": HEALTH_PATHS["live"],
        "readiness": HEALTH_PATHS["ready"],
    }
    assert template["metadata"]["annotations"] == {
        "prometheus.io/scrape": "true",
        "prometheus.io/port": port,
        "prometheus.io/path": METRICS_PATH,
    }
    assert "PORT" not in {item["name"] for item in own["env"]}


@pytest.mark.parametrize("service", SERVICES)
def test_a_pod_has_time_to_end(service: str):
    (template,) = (template for name, template in pods(written()) if name == service)
    before = container(template).get("lifecycle", {}).get("preStop", {}).get("sleep", {})
    for folder in FOLDERS:
        settings = literals([manifests.kustomization(BASE), manifests.kustomization(folder)])
        grace = float(settings["ichor-settings"]["SHUTDOWN_GRACE_SECONDS"])

        allowed = template["spec"]["terminationGracePeriodSeconds"]
        assert allowed > grace + before.get("seconds", 0)


def test_pods_have_no_rights():
    for name, template in pods(written()):
        spec, own = template["spec"], container(template)
        assert spec["automountServiceAccountToken"] is False, name
        assert spec["securityContext"]["runAsNonRoot"] is True, name
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert own["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }, name
        assert own["resources"]["requests"].keys() == {"cpu", "memory"}, name
        assert "memory" in own["resources"]["limits"], name


def selects(selector: Any, labels: dict[str, str]) -> bool:
    """Whether a selector of labels selects what has these labels."""
    wanted: dict[str, str] = selector.get("matchLabels", {})
    return wanted.items() <= labels.items() and all(
        rule["operator"] == "In" and labels.get(rule["key"]) in rule["values"]
        for rule in selector.get("matchExpressions", [])
    )


def test_selectors_select_pods():
    documents = written()
    labels = [
        document["spec"]["template"]["metadata"]["labels"]
        for document in documents
        if document["kind"] in ("Deployment", "Job")
    ]
    for document in documents:
        selector = {
            "NetworkPolicy": lambda spec: spec["podSelector"],
            "PodDisruptionBudget": lambda spec: spec["selector"],
            "Service": lambda spec: {"matchLabels": spec["selector"]},
            "Deployment": lambda spec: spec["selector"],
        }.get(document["kind"])
        if selector is not None:
            chosen = [one for one in labels if selects(selector(document["spec"]), one)]
            name = document["metadata"]["name"]
            assert chosen, name
            if document["kind"] != "NetworkPolicy":
                assert len(chosen) == 1, name
    for _, template in pods(documents):
        for spread in template["spec"].get("topologySpreadConstraints", []):
            assert selects(spread["labelSelector"], template["metadata"]["labels"])


def test_everything_is_denied_that_no_policy_allows():
    denied = [
        document["spec"]
        for document in written()
        if document["kind"] == "NetworkPolicy"
        and not document["spec"].keys() & {"ingress", "egress"}
    ]

    assert denied == [{"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}]


def test_a_deployment_that_is_scaled_by_load_has_no_number_of_replicas():
    documents = written()
    scaled = {
        d["spec"]["scaleTargetRef"]["name"] for d in documents if d["kind"].startswith("Horizontal")
    }
    fixed = {
        item["name"]
        for folder in FOLDERS
        for item in manifests.kustomization(folder).get("replicas", [])
    }

    assert scaled == {"trigger-api"}
    assert not scaled & fixed
    for document in documents:
        if document["metadata"]["name"] in scaled and document["kind"] == "Deployment":
            assert "replicas" not in document["spec"]


def worker_of(documents: list[Document]) -> Document:
    """Return the worker's Deployment."""
    (found,) = (
        document
        for document in documents
        if document["kind"] == "Deployment"
        and document["spec"]["template"]["metadata"]["labels"].get(COMPONENT) == "worker"
    )
    return found


@renders
@pytest.mark.parametrize("overlay", ["production", "temporal-cloud", "temporal-mtls"])
def test_the_tag_of_the_image_is_the_build_id_of_the_worker(overlay: str):
    documents = manifests.rendered(overlay)
    worker = worker_of(documents)
    own = container(worker["spec"]["template"])
    tag = own["image"].rpartition(":")[2]
    variables = {item["name"]: item.get("value") for item in own["env"]}

    assert variables["TEMPORAL_WORKER_BUILD_ID"] == tag
    assert worker["metadata"]["name"] == f"worker-{tag}"
    assert f"migrate-{tag}" in [d["metadata"]["name"] for d in documents if d["kind"] == "Job"]


@renders
def test_two_releases_of_the_worker_run_side_by_side(tmp_path: Path):
    """The next release neither changes nor replaces what the one before left."""
    before = manifests.rendered("production")
    shutil.copytree(KUBERNETES, tmp_path / "kubernetes")
    file = tmp_path / "kubernetes/overlays/production/kustomization.yaml"
    document = yaml.safe_load(file.read_text())
    for image in document["images"]:
        image |= {"newTag": "0.2.0", "newName": f"registry.example.com/{image['name']}"}
    file.write_text(yaml.safe_dump(document))
    after = manifests.render(file.parent)

    old, new = worker_of(before), worker_of(after)
    assert (old["metadata"]["name"], new["metadata"]["name"]) == ("worker-0.1.0", "worker-0.2.0")
    old_pod, new_pod = (one["spec"]["template"]["metadata"]["labels"] for one in (old, new))
    assert selects(new["spec"]["selector"], new_pod)
    assert not selects(new["spec"]["selector"], old_pod)
    assert not selects(old["spec"]["selector"], new_pod)
    (budget,) = (
        document["spec"]["selector"]
        for document in after
        if document["kind"] == "PodDisruptionBudget" and document["metadata"]["name"] == "worker"
    )
    assert selects(budget, old_pod)
    assert selects(budget, new_pod)
