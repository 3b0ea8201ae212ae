"""Which environment variables a service knows: what its settings read, and nothing else."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest
from opentelemetry.sdk import environment_variables
from pydantic_settings import BaseSettings
from temporalio.envconfig import ClientConfigProfile

from ichor_async_completer.settings import CompleterSettings
from ichor_runtime.settings import read_settings
from ichor_trigger_api.settings import ApiSettings
from ichor_worker.settings import WorkerSettings

SETTINGS: dict[str, type[BaseSettings]] = {
    "trigger-api": ApiSettings,
    "worker": WorkerSettings,
    "async-completer": CompleterSettings,
}
MIGRATE = "migrate"
PRUNE = "prune"
WORKER_VERSIONING = {"TEMPORAL_WORKER_DEPLOYMENT_NAME", "TEMPORAL_WORKER_BUILD_ID"}
"""Both or neither; the worker's own, for Temporal's SDK does not read them."""
_OPENTELEMETRY = {name for name in vars(environment_variables) if name.startswith("OTEL_")}
_SURROUNDING = ("PATH", "HOME", "LANG", "TMPDIR")


def unknown_variables(service: str, names: set[str]) -> set[str]:
    """Return the names of variables that a service would not read."""
    return {name for name in names if not _is_known(service, name)}


def _is_known(service: str, name: str) -> bool:
    if service in (MIGRATE, PRUNE):
        # KEEP_DAYS is a variable of the command line.
        return name in ("DATABASE_URL", "DATABASE_URL_FILE") or (service, name) == (
            PRUNE,
            "KEEP_DAYS",
        )
    if name.startswith("OTEL_"):
        return name in _OPENTELEMETRY
    name = name.removesuffix("_FILE")
    if name.isupper() and name.lower() in SETTINGS[service].model_fields:
        return True
    return name.startswith("TEMPORAL_") and _is_read_by_temporal(name)


def _is_read_by_temporal(name: str) -> bool:
    """Whether the SDK's own reading of the environment changes by a variable."""
    nothing = ClientConfigProfile.load(disable_file=True, override_env_vars={})
    return nothing != ClientConfigProfile.load(
        disable_file=True, override_env_vars={name: "true" if name == "TEMPORAL_TLS" else "a:1"}
    )


@contextmanager
def environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Make these the only environment variables, but for a few of the surroundings."""
    with pytest.MonkeyPatch.context() as patch:
        for name in set(os.environ) - set(_SURROUNDING):
            patch.delenv(name)
        for name, value in variables.items():
            patch.setenv(name, value)
        yield


def check_settings(service: str, variables: Mapping[str, str]) -> None:
    """Read the service's settings from these variables alone.

    Raises:
        SettingsError: they cannot be used.
    """
    with environment(variables):
        read_settings(SETTINGS[service])
