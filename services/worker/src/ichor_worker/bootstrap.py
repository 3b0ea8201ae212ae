"""Composes a worker of its parts; each can be given, and has a production default."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

import asyncpg
import structlog
from pydantic import SecretStr
from temporalio.client import Client
from temporalio.common import WorkerDeploymentVersion
from temporalio.worker import UnsandboxedWorkflowRunner, Worker, WorkflowRunner

from ichor_actions.builtin import builtin_actions
from ichor_actions.definition import Action
from ichor_actions.registry import Registry, discover
from ichor_actions.resources import MailSettings, Resources, WebhookSettings, WritableTable
from ichor_activities import (
    ActionActivities,
    ApprovalActivities,
    AsyncActionActivities,
    RecordingActivities,
    ReplyTokens,
)
from ichor_activities.heartbeat import LONGEST_BEAT_SECONDS
from ichor_core.contract import INTERPRETER_VERSION, TASK_QUEUE, EffectStore
from ichor_edgestore.action_types import PostgresActionTypeStore
from ichor_edgestore.approvals import PostgresApprovalStore
from ichor_edgestore.database import open_pool_patiently
from ichor_edgestore.effects import PostgresEffectStore
from ichor_edgestore.executions import PostgresExecutionStore, PostgresValueStore
from ichor_runtime.amqp import AmqpRequestPublisher, Topology, read_keys
from ichor_runtime.health import health_server
from ichor_runtime.telemetry import ObservedActivities
from ichor_runtime.temporal import connect
from ichor_worker.health import WorkerHealth
from ichor_worker.settings import TableSettings, WorkerSettings
from ichor_worker.storage import ours
from ichor_worker.versioning import deployment_config
from ichor_workflows import WORKFLOWS

_logger = structlog.get_logger(__name__)


@asynccontextmanager
async def open_worker(
    settings: WorkerSettings,
    *,
    client: Client | None = None,
    pool: asyncpg.Pool | None = None,
    actions: Sequence[Action] | None = None,
    runner: WorkflowRunner | None = None,
) -> AsyncGenerator[Worker]:
    """Run a worker while the context lasts; at its end, wait for running work.

    Args:
        settings: see `WorkerSettings`.
        client: a connected client.
        pool: connections to the database.
        actions: the built-in actions and those of installed distributions, if None.
        runner: runs workflow code; without sandbox, if None (docs/decisions/0004).
    """
    health = WorkerHealth()
    async with AsyncExitStack() as stack:
        port = await stack.enter_async_context(
            health_server(
                health.checks,
                host=settings.host,
                port=settings.port,
                metrics_port=settings.metrics_port,
            )
        )
        if pool is None:
            pool = await open_pool_patiently(
                settings.database_url.get_secret_value(),
                max_size=settings.database_pool_size,
                application="ichor-worker",
            )
            stack.push_async_callback(pool.close)
        health.pool = pool
        values = ours(PostgresValueStore(pool))
        effects = ours(PostgresEffectStore(pool, settings.declared_tables))
        resources = resources_of(settings, effects)
        if actions is None:
            actions = [*builtin_actions(resources), *discover(resources)]
        registry = Registry(actions)
        await PostgresActionTypeStore(pool).publish_action_types(registry.types())
        health.client = client = client or await connect(settings.temporal)
        executions = PostgresExecutionStore(pool)
        running = ActionActivities(registry, values, executions)
        recording = RecordingActivities(executions, values)
        publisher = publisher_of(settings)
        if publisher is not None:
            stack.push_async_callback(publisher.close)
            health.publisher = publisher
        requesting = AsyncActionActivities(registry, values, publisher, reply_tokens_of(settings))
        approvals = ours(PostgresApprovalStore(pool))
        asking = ApprovalActivities(registry, values, approvals, effects)
        version = version_of(settings)
        health.worker = worker = Worker(
            client,
            task_queue=TASK_QUEUE,
            workflows=WORKFLOWS,
            activities=[
                running.execute_action,
                requesting.execute_async_action,
                recording.record_execution,
                recording.offload_results,
                asking.open_approval,
                asking.record_decision,
                asking.close_approval,
                asking.remind_approvers,
            ],
            interceptors=[ObservedActivities()],
            workflow_runner=runner or UnsandboxedWorkflowRunner(),
            deployment_config=deployment_config(version),
            max_concurrent_activities=settings.max_concurrent_activities,
            max_concurrent_local_activities=settings.max_concurrent_activities,
            max_concurrent_workflow_tasks=settings.max_concurrent_workflow_tasks,
            graceful_shutdown_timeout=timedelta(seconds=settings.shutdown_grace_seconds),
            max_heartbeat_throttle_interval=timedelta(seconds=LONGEST_BEAT_SECONDS),
        )
        async with worker:
            _logger.info(
                "Worker started",
                task_queue=TASK_QUEUE,
                interpreter_version=INTERPRETER_VERSION,
                build_id=version.build_id if version else None,
                action_types=[kind.type for kind in registry.types()],
                health=f"http://{settings.host}:{port}/health/ready",
            )
            yield worker
            _logger.info("Worker stopping", grace_seconds=settings.shutdown_grace_seconds)


async def run(settings: WorkerSettings, stop: asyncio.Event) -> None:
    """Run a worker until `stop` is set; a fatal error of the worker is raised."""
    async with open_worker(settings):
        await stop.wait()


def tables_of(settings: TableSettings) -> dict[str, WritableTable]:
    """Return the declared tables as action types publish them."""
    return {
        name: WritableTable(table.columns, table.readable)
        for name, table in settings.declared_tables.items()
    }


def resources_of(settings: WorkerSettings, effects: EffectStore) -> Resources:
    """Return the resources of actions; those that are not configured are None."""
    mail = None
    if settings.smtp_host is not None and settings.smtp_sender is not None:
        mail = MailSettings(
            host=settings.smtp_host,
            sender=settings.smtp_sender,
            port=settings.smtp_port,
            username=settings.smtp_username,
            password=_secret(settings.smtp_password),
            tls=settings.smtp_tls,
            ca_certificates=settings.ca_certificates,
        )
    http = WebhookSettings(
        allowed_targets=settings.webhook_allowed_targets,
        forbidden_targets=settings.webhook_forbidden_targets,
        timeout=settings.webhook_timeout_seconds,
        max_response_bytes=settings.webhook_max_response_bytes,
        ca_certificates=settings.ca_certificates,
        https_proxy=_secret(settings.https_proxy),
        http_proxy=_secret(settings.http_proxy),
        no_proxy=tuple(filter(None, settings.no_proxy.split(","))),
    )
    return Resources(effects=effects, tables=tables_of(settings), http=http, mail=mail)


def _secret(value: SecretStr | None) -> str | None:
    return None if value is None else value.get_secret_value()


def publisher_of(settings: WorkerSettings) -> AmqpRequestPublisher | None:
    """Return the publisher of requests, not connected yet; None without RabbitMQ."""
    if settings.amqp_url is None:
        return None
    return AmqpRequestPublisher(
        settings.amqp_url.get_secret_value(), Topology(settings.amqp_prefix), name="ichor-worker"
    )


def reply_tokens_of(settings: WorkerSettings) -> ReplyTokens | None:
    """Return the seals of reply tokens; None where no keys are configured."""
    keys = settings.reply_token_keys
    return None if keys is None else ReplyTokens(read_keys(keys))


def version_of(settings: WorkerSettings) -> WorkerDeploymentVersion | None:
    """Return the version of the deployment that this worker is; None without Worker Versioning."""
    name, build = settings.temporal_worker_deployment_name, settings.temporal_worker_build_id
    return None if name is None or build is None else WorkerDeploymentVersion(name, build)
