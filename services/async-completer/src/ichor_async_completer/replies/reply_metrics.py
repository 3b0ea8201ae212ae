"""What became of replies, and how long other systems took to send them."""

from datetime import UTC, datetime
from typing import Literal

from opentelemetry import metrics

from ichor_activities.reply_token import ReplyToken
from ichor_core import telemetry as names
from ichor_runtime.telemetry import LONG

ReplyOutcome = Literal[
    "completed", "failed", "unawaited", "late", "dead_letter", "put_back", "returned", "lost"
]
"""`unawaited`: the attempt was over. `put_back`: stored anew, after it was held for long.
`returned`: to the queue, toward the delivery limit. `lost`: the connection went away first."""

_meter = metrics.get_meter(__name__)
_replies = _meter.create_histogram(
    "messaging.process.duration",
    "s",
    "How long a delivered reply was in hand.",
    explicit_bucket_boundaries_advisory=LONG,
)
_answers = _meter.create_histogram(
    "ichor.reply.latency",
    "s",
    "How long after its request a reply ended an attempt.",
    explicit_bucket_boundaries_advisory=LONG,
)
_redeliveries = _meter.create_counter(
    "ichor.reply.redeliveries",
    "{delivery}",
    "Deliveries of replies that had been delivered before.",
)


def expect_replies(queue: str) -> None:
    """Show a count of none, so that the first one is seen as a change."""
    _redeliveries.add(0, {"messaging.destination.name": queue})


def note_reply(queue: str, outcome: ReplyOutcome, seconds: float, *, redelivered: bool) -> None:
    """Count a delivery that is done with."""
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


def note_answer(token: ReplyToken, *, failed: bool) -> None:
    """Measure how long an attempt has waited for the reply that ends it."""
    if token.sent_at is not None:
        seconds = max(0.0, (datetime.now(UTC) - token.sent_at).total_seconds())
        outcome = "failed" if failed else "completed"
        _answers.record(seconds, {names.ACTION_TYPE: token.action_type, names.OUTCOME: outcome})
