"""What Temporal's SDK measures arrives whole, under its own labels, and takes no more room."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, MetricsData
from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import Worker

from ichor_devstack.temporal import TemporalServer
from ichor_runtime.temporal.converter import data_converter
from ichor_runtime.temporal.runtime import TemporalMetrics

pytestmark = pytest.mark.servers

WORKFLOWS = 20
ROUNDS = 5


@activity.defn
async def double(number: int) -> int:
    return 2 * number


@workflow.defn(sandboxed=False)
class Double:
    @workflow.run
    async def run(self, number: int) -> int:
        limit = timedelta(seconds=30)
        return await workflow.execute_activity(double, number, start_to_close_timeout=limit)


def points(data: MetricsData | None) -> dict[str, list]:
    assert data is not None
    (resource,) = data.resource_metrics
    (scope,) = resource.scope_metrics
    return {metric.name: list(metric.data.data_points) for metric in scope.metrics}


async def test_counts_gauges_and_durations(temporal_server: TemporalServer):
    reader = InMemoryMetricReader()
    metrics = TemporalMetrics(MeterProvider([reader], shutdown_on_exit=False))
    client = await Client.connect(
        temporal_server.address, data_converter=data_converter, runtime=metrics.runtime
    )
    queue = f"metrics-{uuid4()}"

    async def execute(number: int) -> None:
        assert (
            await client.execute_workflow(Double.run, number, id=str(uuid4()), task_queue=queue)
            == 2 * number
        )

    sizes = []
    async with Worker(
        client,
        task_queue=queue,
        workflows=[Double],
        activities=[double],
        max_concurrent_activities=7,
    ):
        for _ in range(ROUNDS):
            await asyncio.gather(*map(execute, range(WORKFLOWS)))
            metrics.drain()
            seen = points(reader.get_metrics_data())
            sizes.append({name: len(found) for name, found in seen.items()})
    metrics.drain()
    seen = points(reader.get_metrics_data())

    (completed,) = seen["temporal_workflow_completed"]
    assert completed.value == ROUNDS * WORKFLOWS
    assert completed.attributes == {
        "namespace": "default",
        "task_queue": queue,
        "workflow_type": "Double",
    }
    (run,) = seen["temporal_activity_execution_latency"]
    assert run.count == ROUNDS * WORKFLOWS
    assert run.sum < 60 * run.count
    assert 0.005 in run.explicit_bounds
    for name, found in seen.items():
        sets = [frozenset(point.attributes.items()) for point in found]
        assert len(set(sets)) == len(sets), name
    free = {
        point.attributes["worker_type"]: point.value
        for point in seen["temporal_worker_task_slots_available"]
    }
    assert free["ActivityWorker"] == 7
    # The second round has the names of all that repeats; later ones add none.
    lasting = ("temporal_worker_task_slots_used", "temporal_activity_execution_latency")
    assert [sizes[1][name] for name in lasting] == [sizes[-1][name] for name in lasting]
