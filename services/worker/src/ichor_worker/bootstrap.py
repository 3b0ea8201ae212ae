"""Puts a worker together; every part can be given, each has its production default."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

import asyncpg
import structlog
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker, WorkflowRunner

from ichor_actions.builtin import builtin_actions
from ichor_actions.definition import Action
from ichor_actions.registry import Registry, discover
from ichor_activities import (
    ActionActivities,
    ApprovalActivities,
    AsyncActionActivities,
    RecordingActivities,
)
from ichor_activities.heartbeat import LONGEST_BEAT_SECONDS
from ichor_core.contract import INTERPRETER_VERSION, TASK_QUEUE
from ichor_edgestore.action_types import ActionTypeStore
from ichor_edgestore.approvals import ApprovalStore
from ichor_edgestore.database import open_pool_patiently
from ichor_edgestore.effects import EffectStore
from ichor_edgestore.executions import ExecutionStore, ValueStore
from ichor_runtime.health import health_server
from ichor_runtime.telemetry import ObservedActivities
from ichor_runtime.temporal import connect
from ichor_worker.health import WorkerHealth
from ichor_worker.settings import WorkerSettings
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
    """Run a worker while the context lasts; at its end, wait for what runs.

    Args:
        settings: see `WorkerSettings`.
        client: a connected client.
        pool: connections to the database.
        actions: the built-in actions and those of installed distributions, if None.
        runner: how workflow code runs; without sandbox, if None (docs/decisions/0004).
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
        values = ValueStore(pool)
        effects = EffectStore(pool, settings.declared_tables)
        resources = settings.resources(effects)
        if actions is None:
            actions = [*builtin_actions(resources), *discover(resources)]
        registry = Registry(actions)
        await ActionTypeStore(pool).publish_action_types(registry.types())
        health.client = client = client or await connect(settings.temporal)
        executions = ExecutionStore(pool)
        running = ActionActivities(registry, values, executions)
        recording = RecordingActivities(executions, values)
        publisher = settings.publisher()
        if publisher is not None:
            stack.push_async_callback(publisher.close)
            health.publisher = publisher
        requesting = AsyncActionActivities(registry, values, publisher, settings.reply_tokens())
        asking = ApprovalActivities(registry, values, ApprovalStore(pool), effects)
        version = settings.worker_version()
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
            _logger.info("Worker stops", grace_seconds=settings.shutdown_grace_seconds)


async def run(settings: WorkerSettings, stop: asyncio.Event) -> None:
    """Run a worker until `stop` is set; a fatal error of the worker is raised."""
    async with open_worker(settings):
        await stop.wait()
