"""Servers and an engine for the tests that cross packages."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest
from temporalio.client import Client
from temporalio.worker import WorkflowRunner

from ichor_core.action_type import ActionKind
from ichor_devstack.temporal import TemporalServer
from ichor_runtime.temporal import data_converter
from tests.kit.engine import Engine

StartEngine = Callable[..., Awaitable[Engine]]


@pytest.fixture(scope="session")
async def client(temporal_server: TemporalServer) -> Client:
    """Give a client of the run's Temporal server."""
    return await Client.connect(temporal_server.address, data_converter=data_converter)


@pytest.fixture
async def start_engine(client: Client) -> AsyncIterator[StartEngine]:
    """Give a function that starts a worker with these action types."""
    async with AsyncExitStack() as stack:

        async def start(runner: WorkflowRunner | None = None, **kinds: ActionKind) -> Engine:
            engine = Engine(client)
            await stack.enter_async_context(engine.worker(kinds, runner))
            return engine

        yield start
