import subprocess
import sys

import pytest

from ichor_runtime.errors import SettingsError
from ichor_runtime.settings import ProcessSettings, read_settings
from ichor_runtime.telemetry.environment import wants_traces
from ichor_runtime.telemetry.tracing import is_traced, temporal_plugins, tracing


@pytest.mark.parametrize(
    ("variables", "wanted"),
    [
        ({}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://collector:4318/v1/traces"}, True),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, True),
        ({"OTEL_TRACES_EXPORTER": "console"}, True),
        ({"OTEL_TRACES_EXPORTER": "none"}, False),
        ({"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:1"}, False),
        ({"OTEL_SDK_DISABLED": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:1"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": ""}, False),
    ],
)
def test_the_environment_switches_it(variables, wanted):
    assert wants_traces(variables) is wanted


def test_off_it_changes_nothing(monkeypatch):
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT", raising=False)
    with tracing("ichor-test"):
        assert not is_traced()
        assert temporal_plugins() == []


def test_every_bad_variable_is_named(monkeypatch):
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "jaeger")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318")
    with pytest.raises(SettingsError) as caught:
        read_settings(ProcessSettings)
    for name in ("TRACES_EXPORTER", "EXPORTER_OTLP_PROTOCOL", "EXPORTER_OTLP_ENDPOINT"):
        assert f"OTEL_{name}: expected" in str(caught.value)


PROGRAM = """
from opentelemetry import trace
from ichor_runtime.telemetry.tracing import is_traced, tracing

with tracing("ichor-test"):
    assert is_traced()
    with trace.get_tracer("test").start_as_current_span("a span"):
        pass
"""


@pytest.mark.parametrize(
    ("variables", "name"),
    [({}, "ichor-test"), ({"OTEL_SERVICE_NAME": "mine"}, "mine")],
)
def test_a_process_says_who_it_is(variables, name):
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={"OTEL_TRACES_EXPORTER": "console", **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    assert f'"service.name": "{name}"' in ended.stdout
    assert '"service.namespace": "ichor"' in ended.stdout
    assert '"name": "a span"' in ended.stdout
