"""Temporal's Worker Versioning: the build of the worker that takes workflows.

A new build takes nothing until it is made current. Then it takes all, also executions that an older
build began: every build keeps the interpreters of all builds before it, and an execution keeps the
interpreter with which it started. So an old build can be stopped as soon as it runs no activity.
"""

from temporalio.api.workflowservice.v1 import (
    DescribeWorkerDeploymentRequest,
    SetWorkerDeploymentCurrentVersionRequest,
)
from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import WorkerDeploymentConfig

from ichor_core.errors import ConflictError


def deployment_config(version: WorkerDeploymentVersion | None) -> WorkerDeploymentConfig | None:
    """Return the versioning config of a worker; None without versioning."""
    if version is None:
        return None
    return WorkerDeploymentConfig(
        version,
        use_worker_versioning=True,
        default_versioning_behavior=VersioningBehavior.AUTO_UPGRADE,
    )


async def make_current(client: Client, version: WorkerDeploymentVersion) -> str:
    """Make this version current: it takes every workflow from now on.

    Returns:
        The build that was current before; empty if there was none.

    Raises:
        ConflictError: no worker of this version polls, or the current one has task queues that
            this one does not serve.
        RPCError: Temporal is away.
    """
    service, namespace = client.workflow_service, client.namespace
    try:
        before = await service.describe_worker_deployment(
            DescribeWorkerDeploymentRequest(
                namespace=namespace, deployment_name=version.deployment_name
            )
        )
        await service.set_worker_deployment_current_version(
            SetWorkerDeploymentCurrentVersionRequest(
                namespace=namespace,
                deployment_name=version.deployment_name,
                build_id=version.build_id,
                conflict_token=before.conflict_token,
                identity=client.identity,
            )
        )
    except RPCError as error:
        if error.status in (RPCStatusCode.NOT_FOUND, RPCStatusCode.FAILED_PRECONDITION):
            raise ConflictError(
                f"build {version.build_id!r} of {version.deployment_name!r} cannot be made "
                f"current: {error.message}; is a worker of it running?"
            ) from error
        raise
    info = before.worker_deployment_info
    return info.routing_config.current_deployment_version.build_id
