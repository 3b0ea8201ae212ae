"""Traces of a process; off, nothing of the SDK is loaded, and spans are no-ops.

`ichor_runtime.telemetry.environment` says when they are on.
"""

import os
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from opentelemetry import trace
from temporalio.client import Plugin

from ichor_runtime.telemetry.environment import wants_traces

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor


@contextmanager
def tracing(service: str) -> Generator[None]:
    """Trace this process while the context lasts, if the environment asks for it.

    Args:
        service: the name of the process, where `OTEL_SERVICE_NAME` gives none.
    """
    if not wants_traces():
        yield
        return
    from temporalio.contrib.opentelemetry import create_tracer_provider

    from ichor_runtime.resource import process_resource

    # Its ids are the same when a workflow is replayed, so that its spans are.
    provider = create_tracer_provider(resource=process_resource(service), shutdown_on_exit=False)
    provider.add_span_processor(_processor(os.environ.get("OTEL_TRACES_EXPORTER") or "otlp"))
    trace.set_tracer_provider(provider)
    try:
        yield
    finally:
        provider.shutdown()


def _processor(exporter: str) -> "SpanProcessor":
    from opentelemetry.sdk.trace.export import (
        BatchSpanProcessor,
        ConsoleSpanExporter,
        SimpleSpanProcessor,
    )

    if exporter == "console":
        return SimpleSpanProcessor(ConsoleSpanExporter())
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    return BatchSpanProcessor(OTLPSpanExporter())


def temporal_plugins() -> list[Plugin]:
    """Return the plugins that carry traces from Temporal clients to workflows and activities."""
    if not is_traced():
        return []
    from temporalio.contrib.opentelemetry import OpenTelemetryPlugin

    return [OpenTelemetryPlugin()]


def is_traced() -> bool:
    """Say whether this process records spans."""
    return not isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider)
