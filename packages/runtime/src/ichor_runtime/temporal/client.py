"""The client of Temporal that every process of the engine uses."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from typing import Any

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client, Interceptor, Plugin
from temporalio.envconfig import ClientConfigProfile
from temporalio.runtime import Runtime, TelemetryConfig
from temporalio.service import RetryConfig, RPCError

from ichor_runtime.errors import UnhealthyError
from ichor_runtime.logging import core_logging
from ichor_runtime.telemetry.metrics import temporal_runtime
from ichor_runtime.telemetry.tracing import temporal_plugins
from ichor_runtime.temporal.converter import data_converter

DEFAULT_ADDRESS = "localhost:7233"
_FAIL_SOON = RetryConfig(max_retries=2, max_elapsed_time_millis=1_000)
_FIRST_WAIT_SECONDS = 0.25
_LONGEST_WAIT_SECONDS = 10.0

_logger = logging.getLogger(__name__)


async def lazy_client(
    profile: ClientConfigProfile,
    *,
    plugins: Sequence[Plugin] = (),
    interceptors: Sequence[Interceptor] = (),
) -> Client:
    """Return a client that connects at its first call; no worker can use it.

    For a process that serves while Temporal is away: a call then fails soon.
    """
    return await _client(profile, plugins, interceptors, lazy=True)


async def connect(
    profile: ClientConfigProfile,
    *,
    plugins: Sequence[Plugin] = (),
    interceptors: Sequence[Interceptor] = (),
) -> Client:
    """Return a connected client; waits for Temporal as long as it is away, and logs that it does.

    Whoever starts a process need not order it after Temporal. Cancel it to give up.
    """
    wait = _FIRST_WAIT_SECONDS
    while True:
        try:
            return await _client(profile, plugins, interceptors, lazy=False)
        except RuntimeError as error:
            address = profile.address or DEFAULT_ADDRESS
            _logger.warning("Temporal at %s cannot be reached yet: %s", address, error)
        await asyncio.sleep(wait)
        wait = min(wait * 2, _LONGEST_WAIT_SECONDS)


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
        runtime=temporal_runtime() or _unmeasured_runtime(),
    )


@cache
def _unmeasured_runtime() -> Runtime:
    return Runtime(telemetry=TelemetryConfig(logging=core_logging()))


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
    except (RPCError, RuntimeError) as error:
        raise UnhealthyError(f"Temporal: {error}") from error
