"""The resource of a process: its name, version and instance in traces and metrics."""

import os
from importlib.metadata import PackageNotFoundError, version
from uuid import uuid4

from opentelemetry.sdk.resources import Resource

NAMESPACE = "ichor"
_INSTANCE = str(uuid4())


def process_resource(service: str) -> Resource:
    """Return the resource of a process; `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES` win.

    Args:
        service: the name of its distribution, such as `ichor-worker`.
    """
    given = Resource.create()
    own = {
        "service.namespace": NAMESPACE,
        "service.instance.id": _INSTANCE,
        "service.version": _version(service),
    }
    named = os.environ.get("OTEL_SERVICE_NAME") or "service.name=" in os.environ.get(
        "OTEL_RESOURCE_ATTRIBUTES", ""
    )
    if not named:
        given = given.merge(Resource({"service.name": service}))
    return Resource(own).merge(given)


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "unknown"
