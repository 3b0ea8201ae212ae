"""Kubernetes manifests: as they are written, as an overlay renders them, and their schemas."""

import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from kubernetes_validate.utils import schema_contents
from referencing import Registry, Resource

from tests.infra.repository import INFRA

KUBERNETES = INFRA / "kubernetes"
BASE = KUBERNETES / "base"
OVERLAYS = tuple(sorted(path.name for path in (KUBERNETES / "overlays").iterdir()))
VERSIONS = ("1.32.0", "1.37.0")
"""Of Kubernetes: the oldest that is meant, and the newest whose schemas are there."""

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


def can_render() -> bool:
    """Whether kubectl is there; it brings Kustomize."""
    return shutil.which("kubectl") is not None


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
    group, _, number = api_version.rpartition("/")
    name = "-".join(filter(None, (kind.lower(), group.split(".")[0], number)))
    folder = f"kubernetes-json-schema/v{version}-local-strict"
    schema = schema_contents(f"{folder}/{name}.json", version)
    definitions = Resource.from_contents(schema_contents(f"{folder}/_definitions.json", version))
    return Draft202012Validator(schema, registry=definitions @ Registry())
