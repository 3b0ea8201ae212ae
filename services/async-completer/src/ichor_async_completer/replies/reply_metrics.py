"""Metrics of replies: outcome, processing time, latency since the request."""

from datetime import UTC, datetime
from typing import Literal

from opentelemetry import metrics

from ichor_activities.reply_token import ReplyToken
from ichor_core import telemetry as names
from ichor_runtime.telemetry import LONG

ReplyOutcome = Literal[
    "completed", "failed", "unawaited", "late", "dead_letter", "put_back", "returned", "lost"
]
"""`unawaited`: the attempt was over. `put_back`: re-queued after it was held too long.
`returned`: to the queue, toward the delivery limit. `lost`: the connection was lost first."""

_meter = metrics.get_meter(__name__)
_replies = _meter.create_histogram(
    "messaging.process.duration",
    "s",
    "Time from the delivery of a reply to its acknowledgement.",
    explicit_bucket_boundaries_advisory=LONG,
)
_latencies = _meter.create_histogram(
    "ichor.reply.latency",
    "s",
    "Time from a request to the reply that ended its attempt.",
    explicit_bucket_boundaries_advisory=LONG,
)
_redeliveries = _meter.create_counter(
    "ichor.reply.redeliveries",
    "{delivery}",
    "Redeliveries of replies.",
)


def expect_replies(queue: str) -> None:
    """Show a count of 0, so that the first redelivery is seen as a change."""
    _redeliveries.add(0, {"messaging.destination.name": queue})


def note_reply(queue: str, outcome: ReplyOutcome, seconds: float, *, redelivered: bool) -> None:
    """Count a delivery that is finished."""
    destination = {"messaging.destination.name": queue}
    _replies.record(
        seconds,
        {
            **destination,
            "messaging.system": "rabbitmq",
            "messaging.operation.name": "process",
            names.OUTCOME: outcome,
        },
    )
    if redelivered:
        _redeliveries.add(1, destination)


def note_latency(token: ReplyToken, *, failed: bool) -> None:
    """Measure the time from a request to the reply that ends its attempt."""
    if token.sent_at is not None:
        seconds = max(0.0, (datetime.now(UTC) - token.sent_at).total_seconds())
        outcome = "failed" if failed else "completed"
        _latencies.record(seconds, {names.ACTION_TYPE: token.action_type, names.OUTCOME: outcome})
