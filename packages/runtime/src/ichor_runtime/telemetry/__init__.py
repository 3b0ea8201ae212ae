"""Metrics and traces of a process."""

from ichor_runtime.telemetry.activities import ObservedActivities
from ichor_runtime.telemetry.buckets import LONG, SHORT
from ichor_runtime.telemetry.execution_metrics import count_end, note_end
from ichor_runtime.telemetry.metrics import (
    MEDIA_TYPE,
    METRICS_OFF,
    exposition,
    is_measured,
    measuring,
)
from ichor_runtime.telemetry.traceparent import (
    current_trace_id,
    current_traceparent,
    extract_traceparent,
)
from ichor_runtime.telemetry.tracing import is_traced, tracing

__all__ = [
    "LONG",
    "MEDIA_TYPE",
    "METRICS_OFF",
    "SHORT",
    "ObservedActivities",
    "count_end",
    "current_trace_id",
    "current_traceparent",
    "exposition",
    "extract_traceparent",
    "is_measured",
    "is_traced",
    "measuring",
    "note_end",
    "tracing",
]
