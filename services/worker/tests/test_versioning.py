"""`ichor-worker make-current`, and what it says where it cannot."""

import asyncio
import os
import sys
from pathlib import Path
from uuid import uuid4

import pytest
from temporalio import workflow
from temporalio.api.workflowservice.v1 import DescribeWorkerDeploymentVersionRequest
from temporalio.client import Client
from temporalio.common import WorkerDeploymentVersion
from temporalio.service import RPCError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from ichor_worker.versioning import deployment_config

pytestmark = pytest.mark.servers
COMMAND = Path(sys.executable).parent / "ichor-worker"


@workflow.defn
class Any:
    @workflow.run
    async def run(self) -> None:
        pass


async def make_current(address, build, **variables):
    process = await asyncio.create_subprocess_exec(
        *(COMMAND, "make-current"),
        env={
            **{name: value for name, value in os.environ.items() if "TEMPORAL" not in name},
            "TEMPORAL_ADDRESS": address,
            "TEMPORAL_WORKER_BUILD_ID": build,
            **variables,
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await process.communicate()
    return process.returncode, output.decode(), errors.decode()


async def test_each_build_in_its_turn(temporal_server):
    deployment = f"test-{uuid4()}"
    named = {"TEMPORAL_WORKER_DEPLOYMENT_NAME": deployment}
    client = await Client.connect(temporal_server.address)
    for build, before in (("1", "none"), ("2", "1")):
        worker = Worker(
            client,
            task_queue=deployment,
            workflows=[Any],
            workflow_runner=UnsandboxedWorkflowRunner(),
            deployment_config=deployment_config(WorkerDeploymentVersion(deployment, build)),
        )
        async with worker:
            await polls(client, deployment, build)
            ended = await make_current(temporal_server.address, build, **named)
        said = f"build {build} of {deployment} is current; previous build: {before}\n"
        assert ended == (0, said, "")


async def polls(client, deployment, build):
    """Wait until the server knows the version."""
    version = WorkerDeploymentVersion(deployment, build)
    request = DescribeWorkerDeploymentVersionRequest(
        namespace=client.namespace, version=version.to_canonical_string()
    )
    while True:
        try:
            await client.workflow_service.describe_worker_deployment_version(request)
        except RPCError:
            await asyncio.sleep(0.05)
        else:
            return


async def test_a_build_without_worker(temporal_server):
    named = {"TEMPORAL_WORKER_DEPLOYMENT_NAME": f"test-{uuid4()}"}
    code, output, errors = await make_current(temporal_server.address, "7", **named)
    assert (code, output) == (1, "")
    assert "is a worker of it running?" in errors
    assert "Traceback" not in errors


async def test_settings_that_are_missing(temporal_server):
    code, _, errors = await make_current(temporal_server.address, "7")
    assert code == 2
    assert "TEMPORAL_WORKER_DEPLOYMENT_NAME: is not set" in errors
