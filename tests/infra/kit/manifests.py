"""Kubernetes manifests: as they are written, as an overlay renders them, and their schemas."""

import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from kubernetes_validate.utils import schema_contents
from referencing import Registry, Resource

from tests.infra.kit.prometheus_operator import OPERATOR_SCHEMAS
from tests.infra.kit.repository import INFRA

KUBERNETES = INFRA / "kubernetes"
BASE = KUBERNETES / "base"
COMPONENT = "app.kubernetes.io/component"
OVERLAYS = tuple(sorted(path.name for path in (KUBERNETES / "overlays").iterdir()))
VERSIONS = ("1.32.0", "1.37.0")
"""Of Kubernetes: the oldest that is meant, and the newest whose schemas are there."""

COMPONENTS = tuple(sorted((KUBERNETES / "components").iterdir()))
FOLDERS = (BASE, *COMPONENTS, *(KUBERNETES / "overlays" / name for name in OVERLAYS))

Document = dict[str, Any]


class RenderError(RuntimeError):
    """Kustomize cannot render a folder."""


def documents(file: Path) -> list[Document]:
    """Return the YAML documents of a file."""
    return list(yaml.safe_load_all(file.read_text()))


def kustomization(folder: Path) -> Document:
    """Return a folder's kustomization."""
    (document,) = documents(folder / "kustomization.yaml")
    return document


def files(folder: Path, kind: str) -> list[Path]:
    """Return the files that a folder's kustomization names as resources or patches."""
    named = kustomization(folder).get(kind, [])
    paths = [folder / (item if kind == "resources" else item["path"]) for item in named]
    return [path for path in paths if not path.is_dir()]


def written(kind: str = "resources") -> list[Document]:
    """Return what is written as resources or as patches, in all folders."""
    return [
        document
        for folder in FOLDERS
        for file in files(folder, kind)
        for document in documents(file)
    ]


def pods(documents: list[Document]) -> Iterator[tuple[str, Any]]:
    """Give name of component and pod of everything that is ours and runs."""
    for document in documents:
        template = template_of(document)
        if template is not None:
            component = template.get("metadata", {}).get("labels", {}).get(COMPONENT)
            if component is not None:
                yield component, template


def template_of(document: Document) -> Any:
    """Return what the pods of a manifest are made from; None where it makes none."""
    spec = document.get("spec", {})
    match document["kind"]:
        case "Deployment" | "Job":
            return spec["template"]
        case "CronJob":
            return spec["jobTemplate"]["spec"]["template"]
        case _:
            return None


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


def selects(selector: Any, labels: dict[str, str]) -> bool:
    """Whether a selector of labels selects what has these labels."""
    wanted: dict[str, str] = selector.get("matchLabels", {})
    return wanted.items() <= labels.items() and all(
        rule["operator"] == "In" and labels.get(rule["key"]) in rule["values"]
        for rule in selector.get("matchExpressions", [])
    )


def can_render() -> bool:
    """Whether kubectl is there; it brings Kustomize."""
    return shutil.which("kubectl") is not None


each_overlay = pytest.mark.parametrize("overlay", OVERLAYS)
each_version = pytest.mark.parametrize("version", VERSIONS)
renders = pytest.mark.skipif(
    not can_render(), reason="kubectl, which renders overlays, is not installed"
)


@cache
def rendered(overlay: str) -> list[Document]:
    """Return what an overlay applies; see `render`."""
    return render(KUBERNETES / "overlays" / overlay)


def render(folder: Path) -> list[Document]:
    """Return what a folder's kustomization makes.

    Raises:
        RenderError: with what Kustomize says, warnings included: they tell what will end.
    """
    command = ["kubectl", "kustomize", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode or done.stderr:
        raise RenderError(done.stderr)
    return list(yaml.safe_load_all(done.stdout))


def errors(document: Document, version: str, *, partial: bool = False) -> list[str]:
    """Return what Kubernetes' strict schemas find wrong; a misspelt field is.

    Args:
        document: a manifest.
        version: of Kubernetes.
        partial: a patch, in which fields that are required may be absent.
    """
    validator = _validator(document["apiVersion"], document["kind"], version)
    return [
        f"{document['kind']} {document['metadata']['name']}: {error.json_path}: {error.message}"
        for error in validator.iter_errors(document)
        if not (partial and error.validator == "required")
    ]


@cache
def _validator(api_version: str, kind: str, version: str) -> Draft202012Validator:
    if api_version == "monitoring.coreos.com/v1":
        return Draft202012Validator(OPERATOR_SCHEMAS[kind])
    group, _, number = api_version.rpartition("/")
    name = "-".join(filter(None, (kind.lower(), group.split(".")[0], number)))
    folder = f"kubernetes-json-schema/v{version}-local-strict"
    schema = schema_contents(f"{folder}/{name}.json", version)
    definitions = Resource.from_contents(schema_contents(f"{folder}/_definitions.json", version))
    return Draft202012Validator(schema, registry=definitions @ Registry())
