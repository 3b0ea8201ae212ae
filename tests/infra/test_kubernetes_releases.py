"""Two releases of the worker, side by side."""

import shutil
from pathlib import Path

import pytest
import yaml

from tests.infra.kit import manifests
from tests.infra.kit.manifests import COMPONENT, KUBERNETES, Document, container, renders, selects


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
