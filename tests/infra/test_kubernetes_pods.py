"""How pods are probed, ended, restricted and selected."""

import pytest

from tests.infra.kit import manifests
from tests.infra.kit.dockerfile_steps import variables_of
from tests.infra.kit.manifests import (
    BASE,
    FOLDERS,
    container,
    literals,
    pods,
    selects,
    template_of,
    written,
)
from tests.infra.kit.repository import HEALTH_PATHS, METRICS_PATH, SERVICES


@pytest.mark.parametrize("service", SERVICES)
def test_probes_and_metrics_ask_where_the_service_answers(service: str):
    (template,) = (template for name, template in pods(written()) if name == service)
    own = container(template)
    port = variables_of("", SERVICE=service)["PORT"]

    metrics = literals([manifests.kustomization(BASE)])["ichor-settings"]["METRICS_PORT"]
    assert own["ports"] == [
        {"name": "http", "containerPort": int(port)},
        {"name": "metrics", "containerPort": int(metrics)},
    ]
    probes = {kind: own[f"{kind}Probe"]["httpGet"] for kind in ("startup", "liveness", "readiness")}
    assert {kind: probe["port"] for kind, probe in probes.items()} == dict.fromkeys(probes, "http")
    assert {kind: probe["path"] for kind, probe in probes.items()} == {
        "startup": HEALTH_PATHS["live"],
        "liveness": HEALTH_PATHS["live"],
        "readiness": HEALTH_PATHS["ready"],
    }
    assert template["metadata"]["annotations"] == {
        "prometheus.io/scrape": "true",
        "prometheus.io/port": metrics,
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


def test_selectors_select_pods():
    documents = written()
    labels = [
        template["metadata"]["labels"]
        for template in map(template_of, documents)
        if template is not None
    ]
    for document in documents:
        selector = {
            "NetworkPolicy": lambda spec: spec["podSelector"],
            "PodDisruptionBudget": lambda spec: spec["selector"],
            "Service": lambda spec: {"matchLabels": spec["selector"]},
            "Deployment": lambda spec: spec["selector"],
            "PodMonitor": lambda spec: spec["selector"],
        }.get(document["kind"])
        if selector is not None:
            chosen = [one for one in labels if selects(selector(document["spec"]), one)]
            name = document["metadata"]["name"]
            assert chosen, name
            if document["kind"] not in ("NetworkPolicy", "PodMonitor"):
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
