"""Traces of a process, as OpenTelemetry's own environment variables say.

They are on if an OTLP endpoint is named (`OTEL_EXPORTER_OTLP_ENDPOINT` or
`OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`) or an exporter (`OTEL_TRACES_EXPORTER`: `otlp` or `console`),
and off where `OTEL_TRACES_EXPORTER=none` or `OTEL_SDK_DISABLED=true`. Off, nothing of the SDK is
loaded, and spans are no-ops.
"""

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from opentelemetry import trace
from temporalio.client import Plugin

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_PROTOCOLS = ("OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL")
_SCHEMES = ("http://", "https://")
_EXPORTERS = ("otlp", "console", "none")
_PROTOCOL = "http/protobuf"


def tracing_problems(variables: Mapping[str, str] = os.environ) -> list[str]:
    """Return what is wrong with the variables, one line each."""
    problems: list[str] = []
    exporter = variables.get("OTEL_TRACES_EXPORTER")
    if exporter and exporter not in _EXPORTERS:
        problems.append(
            f"OTEL_TRACES_EXPORTER: expected one of {', '.join(_EXPORTERS)} (it is {exporter!r})"
        )
    problems += [
        f"{name}: expected {_PROTOCOL} (it is {variables[name]!r})"
        for name in _PROTOCOLS
        if variables.get(name) not in (None, "", _PROTOCOL)
    ]
    problems += [
        f"{name}: expected http://… or https://… (it is {variables[name]!r})"
        for name in _ENDPOINTS
        if variables.get(name) and not variables[name].startswith(_SCHEMES)
    ]
    return problems


def is_wanted(variables: Mapping[str, str] = os.environ) -> bool:
    """Say whether the environment asks for traces."""
    if variables.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return False
    exporter = variables.get("OTEL_TRACES_EXPORTER")
    return exporter != "none" and bool(exporter or any(variables.get(name) for name in _ENDPOINTS))


@contextmanager
def tracing(service: str) -> Generator[None]:
    """Trace this process while the context lasts, if the environment asks for it.

    Args:
        service: the name of the process, where `OTEL_SERVICE_NAME` gives none.
    """
    if not is_wanted():
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
    """Return what carries the trace from a client of Temporal to workflows and activities."""
    if not is_traced():
        return []
    from temporalio.contrib.opentelemetry import OpenTelemetryPlugin

    return [OpenTelemetryPlugin()]


def is_traced() -> bool:
    """Say whether this process records spans."""
    return not isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider)
