import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import format_span_id, format_trace_id

from ichor_runtime.amqp.spans import process_span, send_span

OURS = "0af7651916cd43dd8448eb211c80319c"
THEIRS = "4bf92f3577b34da6a3ce929d0e0e4736"
ATTEMPT = f"00-{OURS}-b7ad6b7169203331-01"


@pytest.fixture
def spans(monkeypatch):
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr("ichor_runtime.amqp.spans._tracer", provider.get_tracer("test"))
    return exporter.get_finished_spans


def processed(spans, headers, instead=None):
    with process_span("replies", headers, "m", 1, instead=instead):
        pass
    (span,) = spans()
    links = [format_trace_id(link.context.trace_id) for link in span.links]
    if span.parent is None:
        return None, None, links
    return format_trace_id(span.parent.trace_id), format_span_id(span.parent.span_id), links


def test_the_headers_name_the_trace(spans):
    headers = {"traceparent": f"00-{THEIRS}-00f067aa0ba902b7-01", "x-delivery-count": 1}
    assert processed(spans, headers) == (THEIRS, "00f067aa0ba902b7", [])


def test_a_sender_that_does_not_trace_does_not_break_the_trace(spans):
    assert processed(spans, {}, ATTEMPT) == (OURS, "b7ad6b7169203331", [])


def test_a_sender_in_the_same_trace_is_the_parent(spans):
    headers = {"traceparent": f"00-{OURS}-00f067aa0ba902b7-01"}
    assert processed(spans, headers, ATTEMPT) == (OURS, "00f067aa0ba902b7", [])


def test_another_trace_is_linked(spans):
    headers = {"traceparent": f"00-{THEIRS}-00f067aa0ba902b7-01"}
    assert processed(spans, headers, ATTEMPT) == (OURS, "b7ad6b7169203331", [THEIRS])


@pytest.mark.parametrize("headers", [{}, {"traceparent": "nonsense"}, {"traceparent": 7}])
def test_without_any_trace_a_new_one_begins(spans, headers):
    assert processed(spans, headers) == (None, None, [])


def test_an_error_is_noted_and_goes_on(spans):
    with pytest.raises(ValueError, match="full"), send_span("actions", "key", "m", 3):
        raise ValueError("full")
    (span,) = spans()
    assert not span.status.is_ok
    assert span.status.description == "full"
    assert span.attributes["error.type"] == "ValueError"
    assert span.attributes["messaging.rabbitmq.destination.routing_key"] == "key"
