"""Every manifest is used, and valid by the schemas of Kubernetes."""

import pytest

from tests.infra.kit import manifests
from tests.infra.kit.manifests import (
    BASE,
    FOLDERS,
    KUBERNETES,
    OVERLAYS,
    each_overlay,
    each_version,
    files,
    pods,
    renders,
    written,
)
from tests.infra.kit.repository import SERVICES
from tests.infra.kit.service_settings import MIGRATE, PRUNE

OVERLAY_FOLDERS = [KUBERNETES / "overlays" / name for name in OVERLAYS]


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
    for folder in OVERLAY_FOLDERS:
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

    expected = {*SERVICES, MIGRATE} if overlay == "development" else {*SERVICES, MIGRATE, PRUNE}
    assert {name for name, _ in pods(documents)} == expected
    assert [error for document in documents for error in manifests.errors(document, version)] == []
