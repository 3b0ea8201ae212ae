"""Metrics of the attempts to start workflows."""

from opentelemetry import metrics
from temporalio.service import RPCError

from ichor_core import telemetry as names
from ichor_runtime.telemetry import SHORT

_starts = metrics.get_meter(__name__).create_histogram(
    "ichor.relay.start.duration",
    "s",
    "Duration of one attempt to start the workflow of an execution.",
    explicit_bucket_boundaries_advisory=SHORT,
)


def note_start(seconds: float, error: Exception | None = None) -> None:
    """Count an attempt to start an execution."""
    values = {names.OUTCOME: "started" if error is None else "failed"}
    if error is not None:
        values["error.type"] = _kind(error)
    _starts.record(seconds, values)


def _kind(error: Exception) -> str:
    if isinstance(error, RPCError):
        return error.status.name
    # The SDK's error while it has no connection yet.
    return "UNAVAILABLE" if type(error) is RuntimeError else type(error).__name__
