import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from prometheus_client.parser import text_string_to_metric_families
from temporalio import activity
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from ichor_core.contract import OPEN_APPROVAL_ACTIVITY
from ichor_runtime.errors import SettingsError
from ichor_runtime.health import health_server
from ichor_runtime.settings import ProcessSettings, read_settings
from ichor_runtime.telemetry.action_metrics import attempt_outcome
from ichor_runtime.telemetry.environment import (
    sends_metrics,
    telemetry_problems,
    wants_metrics,
)
from ichor_runtime.telemetry.metrics import (
    METRICS_OFF,
    exposition,
    is_measured,
    measured_process,
)

ENDPOINT = "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"
MEASURED = """
import sys
from opentelemetry import metrics
from ichor_runtime.telemetry.metrics import exposition, measuring
with measuring("ichor-runtime"):
    metrics.get_meter("test").create_counter("ichor.tries", "{try}").add(2)
    sys.stdout.write((exposition() or b"none").decode())
"""
"""A process that measures."""


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("OTEL_METRICS_EXPORTER", "console", "expected one of prometheus, otlp, none"),
        ("OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "grpc", "expected http/protobuf"),
        (ENDPOINT, "collector:4318", "expected http://… or https://…"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "1m", "expected milliseconds, such as 60000"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "0", "expected milliseconds, such as 60000"),
        ("OTEL_METRIC_EXPORT_TIMEOUT", "soon", "expected milliseconds, such as 60000"),
    ],
)
def test_what_cannot_be_used_is_named(monkeypatch, name, value, expected):
    assert telemetry_problems({name: value}) == [f"{name}: {expected} (it is {value!r})"]
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name):
        read_settings(ProcessSettings)


@pytest.mark.parametrize(
    ("variables", "wanted", "sent"),
    [
        ({}, True, False),
        ({"OTEL_METRICS_EXPORTER": ""}, True, False),
        ({"OTEL_METRICS_EXPORTER": "prometheus"}, True, False),
        ({"OTEL_METRICS_EXPORTER": "otlp"}, True, True),
        ({"OTEL_METRICS_EXPORTER": "none"}, False, False),
        ({"OTEL_SDK_DISABLED": "True"}, False, False),
        ({ENDPOINT: "http://collector:4318/v1/metrics"}, True, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}, True, False),
    ],
)
def test_when_metrics_are_shown_and_sent(variables, wanted, sent):
    assert telemetry_problems(variables) == []
    assert (wants_metrics(variables), sends_metrics(variables)) == (wanted, sent)


async def test_a_process_that_does_not_measure_says_so():
    assert not is_measured()
    assert exposition() is None
    assert measured_process() is None
    async with health_server([]) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /metrics HTTP/1.1\r\n\r\n")
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
    assert head.startswith(b"HTTP/1.1 404 ")
    assert body.decode() == METRICS_OFF


def run_measured(**variables: str) -> str:
    run = subprocess.run(
        [sys.executable, "-c", MEASURED],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stderr == ""
    return run.stdout


def test_a_process_that_measures():
    families = {family.name: family for family in text_string_to_metric_families(run_measured())}
    (tries,) = families["ichor_tries"].samples
    assert (tries.name, tries.labels, tries.value) == ("ichor_tries_total", {}, 2)
    (target,) = families["target_info"].samples
    assert target.labels["service_name"] == "ichor-runtime"
    (build,) = families["ichor_build_info"].samples
    assert build.labels["version"] == target.labels["service_version"] != "unknown"


@pytest.mark.parametrize(
    "variables", [{"OTEL_METRICS_EXPORTER": "none"}, {"OTEL_SDK_DISABLED": "true"}]
)
def test_switched_off(variables):
    assert run_measured(**variables) == "none"


@contextmanager
def receiver() -> Iterator[tuple[str, list[ExportMetricsServiceRequest]]]:
    """Receive metrics by OTLP over HTTP, as a collector does."""
    received: list[ExportMetricsServiceRequest] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/v1/metrics"
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.append(ExportMetricsServiceRequest.FromString(body))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", received
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    "variables",
    [
        {ENDPOINT: "{url}/v1/metrics"},
        {"OTEL_METRICS_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_ENDPOINT": "{url}"},
    ],
    ids=["endpoint", "exporter"],
)
def test_metrics_are_sent_before_the_process_ends(variables):
    with receiver() as (url, received):
        given = {name: value.format(url=url) for name, value in variables.items()}
        shown = run_measured(**given)
    assert "ichor_tries_total 2.0" in shown
    (resource,) = received[-1].resource_metrics
    of_resource = {pair.key: pair.value.string_value for pair in resource.resource.attributes}
    assert of_resource["service.name"] == "ichor-runtime"
    sent = {metric.name: metric for scope in resource.scope_metrics for metric in scope.metrics}
    assert sent["ichor.tries"].sum.data_points[0].as_int == 2
    assert "ichor.build.info" in sent


def info(attempt: int = 1, **fields: object) -> activity.Info:
    policy = RetryPolicy(maximum_attempts=3, non_retryable_error_types=["Final"])
    given = ActivityEnvironment.default_info()
    return replace(given, attempt=attempt, **{"retry_policy": policy, **fields})


def cancelled(**why: bool) -> activity.ActivityCancellationDetails:
    return activity.ActivityCancellationDetails(**why)


class CompletedElsewhere(BaseException):
    """What is raised to leave the completion to others."""


@pytest.mark.parametrize(
    ("error", "of", "cancellation", "outcome"),
    [
        (None, info(), None, "completed"),
        (None, info(activity_type=OPEN_APPROVAL_ACTIVITY), None, "requested"),
        (CompletedElsewhere(), info(), None, "requested"),
        (ValueError(), info(2), None, "retried"),
        (ValueError(), info(3), None, "failed"),
        (ValueError(), info(9, retry_policy=None), None, "retried"),
        (ValueError(), info(9, retry_policy=RetryPolicy()), None, "retried"),
        (ApplicationError("no", type="Busy"), info(), None, "retried"),
        (ApplicationError("no", type="Final"), info(), None, "failed"),
        (ApplicationError("no", non_retryable=True), info(), None, "failed"),
        (asyncio.CancelledError(), info(), None, "cancelled"),
        (asyncio.CancelledError(), info(), cancelled(cancel_requested=True), "cancelled"),
        (asyncio.CancelledError(), info(), cancelled(timed_out=True), "interrupted"),
        (asyncio.CancelledError(), info(), cancelled(worker_shutdown=True), "interrupted"),
    ],
)
def test_what_became_of_an_attempt(error, of, cancellation, outcome):
    assert attempt_outcome(error, of, cancellation) == outcome
