"""One form of `traceparent` for all that write or read it."""

import pytest
from opentelemetry import trace
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags

from ichor_core.telemetry import trace_id_of
from ichor_runtime.telemetry import current_traceparent, extract_traceparent

TRACE, SPAN = 0x4BF92F3577B34DA6A3CE929D0E0E4736, 0x00F067AA0BA902B7
WRITTEN = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def test_it_is_written_and_read():
    span = NonRecordingSpan(SpanContext(TRACE, SPAN, is_remote=False, trace_flags=TraceFlags(1)))
    with trace.use_span(span):
        assert current_traceparent() == WRITTEN
    found = trace.get_current_span(extract_traceparent(WRITTEN)).get_span_context()
    assert (found.trace_id, found.span_id, found.trace_flags) == (TRACE, SPAN, 1)
    assert trace_id_of(WRITTEN) == f"{TRACE:032x}"


def test_outside_of_a_span_there_is_none():
    assert current_traceparent() is None


@pytest.mark.parametrize("text", [None, "", "no trace", WRITTEN[:-1], WRITTEN.upper()])
def test_another_text_names_no_trace(text: str | None):
    assert trace_id_of(text) is None
