"""Whether replies are consumed, and how long they have not been."""

import time
from collections.abc import Callable, Iterable

from opentelemetry import metrics
from opentelemetry.metrics import CallbackOptions, Observation

from ichor_async_completer.replies.gate import Gate


def show_consumer(gate: Gate, is_consuming: Callable[[], bool]) -> None:
    """Give the process gauges of its consumer.

    Args:
        gate: closed while consuming pauses.
        is_consuming: whether replies are taken from the queue now.
    """
    meter = metrics.get_meter(__name__)

    def show(name: str, unit: str, description: str, read: Callable[[], float]) -> None:
        def observe(_options: CallbackOptions) -> Iterable[Observation]:
            yield Observation(read())

        meter.create_observable_gauge(name, [observe], unit, description)

    show(
        "ichor.completer.consuming",
        "",
        "1 while replies are taken from the queue, else 0.",
        lambda: int(is_consuming()),
    )
    show(
        "ichor.completer.paused",
        "",
        "1 while nothing is taken because Temporal or the database is away, else 0.",
        lambda: int(not gate.is_open),
    )
    show(
        "ichor.completer.paused.time",
        "s",
        "How long that has lasted; 0 while it is not so.",
        lambda: 0.0 if gate.closed_at is None else time.monotonic() - gate.closed_at,
    )
