"""Spans of messages over RabbitMQ, by OpenTelemetry's conventions for messaging."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.propagate import extract
from opentelemetry.trace import Link, Span, SpanKind, Status, StatusCode

from ichor_runtime.telemetry.traceparent import extract_traceparent

_tracer = trace.get_tracer(__name__)


@contextmanager
def send_span(exchange: str, routing_key: str, message_id: str, size: int) -> Generator[Span]:
    """Trace the sending of a message; an error inside is noted on the span."""
    values = _messaging("send", exchange, message_id, size)
    values["messaging.rabbitmq.destination.routing_key"] = routing_key
    with _noting_errors(f"send {exchange}", SpanKind.PRODUCER, values) as span:
        yield span


@contextmanager
def process_span(
    queue: str,
    headers: Mapping[str, object],
    message_id: str,
    size: int,
    *,
    instead: str | None = None,
) -> Generator[Span]:
    """Trace the processing of a message, as part of the trace in its headers.

    Args:
        queue: the queue it was delivered from.
        headers: of the message.
        message_id: given by its sender.
        size: of the body, in bytes.
        instead: the `traceparent` of the trace that the message belongs to, where that is known
            from elsewhere. It wins over headers that name another trace, which is linked.
    """
    parent = context_of(headers)
    links: list[Link] = []
    known = extract_traceparent(instead)
    known_span = trace.get_current_span(known).get_span_context()
    told_span = trace.get_current_span(parent).get_span_context()
    if known_span.is_valid and known_span.trace_id != told_span.trace_id:
        parent = known
        if told_span.is_valid:
            links.append(Link(told_span))
    values = _messaging("process", queue, message_id, size)
    with _noting_errors(f"process {queue}", SpanKind.CONSUMER, values, parent, links) as span:
        yield span


def context_of(headers: Mapping[str, object]) -> Context:
    """Return the trace context that headers carry; an empty one where they carry none."""
    carrier = {name: value for name, value in headers.items() if isinstance(value, str)}
    return extract(carrier, Context())


def _messaging(
    operation: str, destination: str, message_id: str, size: int
) -> dict[str, str | int]:
    return {
        "messaging.system": "rabbitmq",
        "messaging.operation.name": operation,
        "messaging.operation.type": operation,
        "messaging.destination.name": destination,
        "messaging.message.id": message_id,
        "messaging.message.body.size": size,
    }


@contextmanager
def _noting_errors(
    name: str,
    kind: SpanKind,
    values: Mapping[str, str | int],
    parent: Context | None = None,
    links: list[Link] | None = None,
) -> Generator[Span]:
    with _tracer.start_as_current_span(
        name,
        parent,
        kind,
        values,
        links,
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        try:
            yield span
        except Exception as error:
            span.set_attribute("error.type", type(error).__name__)
            span.set_status(Status(StatusCode.ERROR, str(error)))
            raise
