"""Metrics of consuming replies and of its pauses."""

import time
from collections.abc import Callable, Iterable

from opentelemetry import metrics
from opentelemetry.metrics import CallbackOptions, Observation

from ichor_async_completer.replies.gate import Gate


def show_consumer(gate: Gate, is_consuming: Callable[[], bool]) -> None:
    """Give the process gauges of its consumer.

    Args:
        gate: closed while consuming is paused.
        is_consuming: says whether replies are consumed now.
    """
    meter = metrics.get_meter(__name__)

    def show(name: str, unit: str, description: str, read: Callable[[], float]) -> None:
        def observe(_options: CallbackOptions) -> Iterable[Observation]:
            yield Observation(read())

        meter.create_observable_gauge(name, [observe], unit, description)

    show(
        "ichor.completer.consuming",
        "",
        "1 while replies are consumed, else 0.",
        lambda: int(is_consuming()),
    )
    show(
        "ichor.completer.paused",
        "",
        "1 while consuming is paused because Temporal or the database is away, else 0.",
        lambda: int(not gate.is_open),
    )
    show(
        "ichor.completer.paused.time",
        "s",
        "Seconds since consuming was paused; 0 while consuming.",
        lambda: 0.0 if gate.closed_at is None else time.monotonic() - gate.closed_at,
    )
