"""Metrics can be switched off, and what cannot be used is said at the start."""

import signal

import httpx2
import pytest

from ichor_devstack.ports import LOOPBACK, free_port
from tests.observability.kit.exposed import answer_of
from tests.observability.kit.measured import Measured

pytestmark = pytest.mark.servers


@pytest.mark.parametrize(
    "variables", [{"OTEL_METRICS_EXPORTER": "none"}, {"OTEL_SDK_DISABLED": "true"}]
)
async def test_switched_off(run: Measured, variables):
    """Each kind of server answers 404, and says why; the work goes on."""
    for service in (run.api, run.worker):
        if service.is_running:
            await service.end(signal.SIGTERM)
        await service.start(**run.amqp, **variables)
        await service.ready()
        answer = await answer_of(service)
        assert answer.status_code == 404
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert answer.text.startswith("metrics are off: ")


async def test_a_variable_that_cannot_be_used(run: Measured):
    service = run.api
    if service.is_running:
        await service.end(signal.SIGTERM)
    await service.start(OTEL_METRICS_EXPORTER="statsd")
    assert await service.ended() == 2
    await service.logged("OTEL_METRICS_EXPORTER: expected one of prometheus, otlp, none")


async def test_a_port_of_their_own(run: Measured):
    """Whoever may read the metrics there reaches nothing else, and not on the other port."""
    for service in (run.api, run.worker, run.completer):
        if service.is_running:
            await service.end(signal.SIGTERM)
        port = free_port()
        await service.start(**run.amqp, METRICS_PORT=str(port))
        await service.ready()
        assert (await answer_of(service)).status_code == 404
        async with httpx2.AsyncClient(base_url=f"http://{LOOPBACK}:{port}") as client:
            shown = await client.get("/metrics")
            assert "ichor_build_info" in shown.text
            for path in ("/health/live", "/health/ready", "/api/v1/workflow/rules", "/"):
                assert (await client.get(path)).status_code == 404
