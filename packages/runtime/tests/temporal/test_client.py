"""The converter and the client on a real server, inside the workflow sandbox."""

import asyncio
import importlib
import logging
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from temporalio import activity
from temporalio.client import Client, WorkflowFailureError
from temporalio.common import RawValue
from temporalio.converter import DataConverter
from temporalio.envconfig import ClientConfigProfile
from temporalio.exceptions import ApplicationError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from ichor_core.contract import ActionActivityInput, ActionActivityOutput
from ichor_core.ids import ActionId
from ichor_devstack.temporal import TemporalServer, temporal
from ichor_runtime.errors import UnhealthyError
from ichor_runtime.temporal.client import check_temporal, connect, lazy_client
from ichor_runtime.temporal.converter import PAYLOAD_ERROR

pytestmark = pytest.mark.servers

QUEUE = "runtime-tests"


@activity.defn
async def double(call: ActionActivityInput) -> ActionActivityOutput:
    return ActionActivityOutput(
        action_id=call.action_id,
        action_name=call.action_name,
        result={"twice": call.config["n"] * 2},
    )


@activity.defn(name="odd")
async def odd_result(call: ActionActivityInput) -> RawValue:
    payload = DataConverter.default.payload_converter.to_payload("no such struct")
    return RawValue(payload)


@pytest.fixture(scope="module")
def double_workflow() -> Iterator[type]:
    """Import the workflow under a name that the sandbox can import too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(Path(__file__).parent))
        yield importlib.import_module("double_workflow").Double


@pytest.fixture(scope="module")
async def client(temporal_server: TemporalServer) -> Client:
    return await connect(ClientConfigProfile(address=temporal_server.address))


@pytest.fixture(params=[True, False], ids=["sandboxed", "unsandboxed"])
async def worker(client: Client, double_workflow: type, request: pytest.FixtureRequest) -> Worker:
    # As in ichor_workflows: structs of the core are made once, with the real datetime.
    shared = SandboxRestrictions.default.with_passthrough_modules(
        "ichor_core", "ichor_runtime", "msgspec", "opentelemetry"
    )
    sandbox = SandboxedWorkflowRunner(restrictions=shared)
    runner = sandbox if request.param else UnsandboxedWorkflowRunner()
    return Worker(
        client,
        task_queue=QUEUE,
        workflows=[double_workflow],
        activities=[double, odd_result],
        workflow_runner=runner,
    )


async def execute(client: Client, argument: Any) -> Any:
    return await client.execute_workflow(
        "Double",
        argument,
        id=str(uuid4()),
        task_queue=QUEUE,
        result_type=ActionActivityOutput,
        execution_timeout=timedelta(seconds=30),
    )


async def test_numbers_stay_exact_all_the_way(client: Client, worker: Worker):
    call = ActionActivityInput(
        action_id=ActionId("a"),
        action_name="A",
        action_type="double",
        config={"n": Decimal("1.00000000000000001")},
    )
    async with worker:
        output = await execute(client, call)
    assert output.result == {"twice": Decimal("2.00000000000000002")}


@pytest.mark.parametrize(
    "argument",
    [
        {"action_name": "without an id"},
        None,
        ActionActivityInput(action_id=ActionId("a"), action_name="A", action_type="odd"),
    ],
    ids=["a field is missing", "null", "result of an activity"],
)
async def test_what_cannot_be_read_fails_the_workflow(
    client: Client, worker: Worker, argument: Any
):
    async with worker:
        with pytest.raises(WorkflowFailureError) as caught:
            await execute(client, argument)
    assert isinstance(caught.value.cause, ApplicationError)
    assert caught.value.cause.type == PAYLOAD_ERROR


async def test_health_follows_the_server(temporal_server: TemporalServer):
    await check_temporal(
        await lazy_client(ClientConfigProfile(address=temporal_server.address, namespace="default"))
    )
    unknown = ClientConfigProfile(address=temporal_server.address, namespace="none")
    with pytest.raises(UnhealthyError, match="none"):
        await check_temporal(await lazy_client(unknown))


class Noted(logging.Handler):
    """Sets an event at the first line."""

    def __init__(self) -> None:
        super().__init__()
        self.event = asyncio.Event()
        self.text = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.text += record.getMessage()
        self.event.set()


@pytest.fixture
def noted() -> Iterator[Noted]:
    handler, logger = Noted(), logging.getLogger("ichor_runtime.temporal.client")
    logger.addHandler(handler)
    yield handler
    logger.removeHandler(handler)


async def test_connect_waits_for_the_server(noted: Noted):
    async with temporal() as server:
        profile = ClientConfigProfile(address=server.address)
        await server.kill()
        away = await lazy_client(profile)
        with pytest.raises(UnhealthyError):
            await check_temporal(away)
        waiting = asyncio.create_task(connect(profile))
        await noted.event.wait()
        assert server.address in noted.text
        await server.start()
        client = await waiting
        await check_temporal(client)
        await check_temporal(away)
