"""Continues the trace of a request in this service, and hands it on with the reply."""

import os
from collections.abc import Generator
from contextlib import contextmanager

from aio_pika.abc import AbstractIncomingMessage
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.propagate import extract, inject
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind

_tracer = trace.get_tracer(__name__)


@contextmanager
def tracing() -> Generator[None]:
    """Send spans where `OTEL_EXPORTER_OTLP_ENDPOINT` says; nothing happens where it is not set."""
    if not os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        yield
        return
    provider = TracerProvider(resource=Resource.create({"service.name": "inventory-service"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    try:
        yield
    finally:
        provider.shutdown()


@contextmanager
def answering(message: AbstractIncomingMessage, queue: str) -> Generator[dict[str, str]]:
    """Trace that a request is answered; give the headers that the reply should carry."""
    headers = {name: value for name, value in message.headers.items() if isinstance(value, str)}
    values = {"messaging.system": "rabbitmq", "messaging.destination.name": queue}
    with _tracer.start_as_current_span(
        f"process {queue}", extract(headers), SpanKind.CONSUMER, values
    ):
        reply: dict[str, str] = {}
        inject(reply)
        yield reply
