"""Ends of executions: a log line, and a histogram of their duration."""

from datetime import datetime

import structlog
from opentelemetry import metrics

from ichor_core import telemetry as names
from ichor_core.contract import TERMINAL_STATUSES, ExecutionRecord, ExecutionStatus
from ichor_runtime.telemetry.buckets import LONG

_logger = structlog.get_logger(__name__)
_executions = metrics.get_meter(__name__).create_histogram(
    "ichor.execution.duration",
    "s",
    "Duration of an execution, from its start to its end; from its event if it never started.",
    explicit_bucket_boundaries_advisory=LONG,
)


def note_end(record: ExecutionRecord) -> None:
    """Log and count the end of an execution, if a stored record is of one."""
    if record.status in TERMINAL_STATUSES:
        count_end(record.status, record.started_at, record.finished_at or record.started_at)
        _logger.info("Execution ended", status=record.status, execution_id=record.execution_id)


def count_end(status: ExecutionStatus, began_at: datetime, ended_at: datetime) -> None:
    """Count an execution that has ended."""
    seconds = max(0.0, (ended_at - began_at).total_seconds())
    _executions.record(seconds, {names.EXECUTION_STATUS: status})
