"""The Temporal client that every process of the engine uses."""

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client, Interceptor, Plugin
from temporalio.envconfig import ClientConfigProfile
from temporalio.exceptions import TemporalError
from temporalio.service import RetryConfig

from ichor_runtime.errors import UnhealthyError
from ichor_runtime.retries import retry_forever
from ichor_runtime.telemetry.tracing import temporal_plugins
from ichor_runtime.temporal.converter import data_converter
from ichor_runtime.temporal.runtime import temporal_runtime

DEFAULT_ADDRESS = "localhost:7233"
_FAIL_SOON = RetryConfig(max_retries=2, max_elapsed_time_millis=1_000)
TEMPORAL_ERRORS: tuple[type[Exception], ...] = (TemporalError, RuntimeError)
"""Raised by calls while Temporal is away; by a client that never connected, RuntimeError."""

_logger = logging.getLogger(__name__)


async def lazy_client(
    profile: ClientConfigProfile,
    *,
    plugins: Sequence[Plugin] = (),
    interceptors: Sequence[Interceptor] = (),
) -> Client:
    """Return a client that connects at its first call; no worker can use it.

    For a process that serves requests while Temporal is away: its calls then fail soon.
    """
    return await _client(profile, plugins, interceptors, lazy=True)


async def connect(
    profile: ClientConfigProfile,
    *,
    plugins: Sequence[Plugin] = (),
    interceptors: Sequence[Interceptor] = (),
) -> Client:
    """Return a connected client; retries, and logs it, while Temporal is away.

    Processes may start before Temporal. Cancel it to give up.
    """
    async for attempt in retry_forever(RuntimeError):
        with attempt:
            try:
                return await _client(profile, plugins, interceptors, lazy=False)
            except RuntimeError as error:
                address = profile.address or DEFAULT_ADDRESS
                _logger.warning("Temporal at %s cannot be reached yet: %s", address, error)
                raise
    raise AssertionError("it is tried without end")


async def _client(
    profile: ClientConfigProfile,
    plugins: Sequence[Plugin],
    interceptors: Sequence[Interceptor],
    *,
    lazy: bool,
) -> Client:
    options: dict[str, Any] = {"target_host": DEFAULT_ADDRESS}
    options.update(profile.to_client_connect_config())
    return await Client.connect(
        **options,
        data_converter=data_converter,
        plugins=[*temporal_plugins(), *plugins],
        interceptors=list(interceptors),
        lazy=lazy,
        retry_config=_FAIL_SOON if lazy else None,
        runtime=temporal_runtime(),
    )


async def check_temporal(client: Client, *, timeout_seconds: float = 2.0) -> None:
    """Ask Temporal for the client's namespace.

    Raises:
        UnhealthyError: it does not answer, or does not know the namespace.
    """
    try:
        await client.workflow_service.describe_namespace(
            DescribeNamespaceRequest(namespace=client.namespace),
            timeout=timedelta(seconds=timeout_seconds),
        )
    except TEMPORAL_ERRORS as error:
        raise UnhealthyError(f"Temporal: {error}") from error
