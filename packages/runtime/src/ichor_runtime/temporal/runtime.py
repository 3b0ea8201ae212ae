"""The runtime of Temporal's SDK: its logs and metrics go where those of the process go.

The SDK's own exporter tells sets of attributes apart by the addresses of their objects. It makes
new objects with every call, and addresses come back, so that it would mix sets up and keep every
one of them.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from functools import cache

from opentelemetry.metrics import (
    CallbackOptions,
    Counter,
    Histogram,
    MeterProvider,
    Observation,
)
from temporalio.runtime import (
    BUFFERED_METRIC_KIND_COUNTER,
    BUFFERED_METRIC_KIND_GAUGE,
    BufferedMetric,
    LogForwardingConfig,
    LoggingConfig,
    MetricBuffer,
    MetricBufferDurationFormat,
    Runtime,
    TelemetryConfig,
    TelemetryFilter,
)

from ichor_runtime.telemetry.buckets import LONG
from ichor_runtime.telemetry.measured_process import MeasuredProcess
from ichor_runtime.telemetry.metrics import measured_process

MAX_UPDATES = 100_000
"""Updates kept between two collections; a busy worker makes some thousands a second."""

_Attributes = Mapping[str, str | int | float | bool]
_AttributeSet = frozenset[tuple[str, str | int | float | bool]]


def temporal_runtime() -> Runtime:
    """Return the runtime for Temporal clients of this process, measured if the process is."""
    measured = measured_process()
    return _unmeasured() if measured is None else _measured(measured).runtime


@cache
def _unmeasured() -> Runtime:
    return Runtime(telemetry=TelemetryConfig(logging=_core_logging()))


@cache
def _measured(process: MeasuredProcess) -> "TemporalMetrics":
    metrics = TemporalMetrics(process.provider)
    process.add_buffer(metrics.drain)
    return metrics


def _core_logging() -> LoggingConfig:
    """Return how the part of Temporal's SDK that is not Python logs: as everything else."""
    return LoggingConfig(
        TelemetryFilter(core_level="WARN", other_level="ERROR"),
        LogForwardingConfig(
            logging.getLogger("temporalio.core"),
            append_target_to_name=False,
            prepend_target_on_message=False,
        ),
    )


class TemporalMetrics:
    """A runtime for Temporal clients, and the instruments of its metrics.

    Args:
        provider: of the process.
    """

    def __init__(self, provider: MeterProvider) -> None:
        self._buffer = MetricBuffer(MAX_UPDATES, MetricBufferDurationFormat.SECONDS)
        self.runtime = Runtime(
            telemetry=TelemetryConfig(
                metrics=self._buffer, attach_service_name=False, logging=_core_logging()
            )
        )
        self._meter = provider.get_meter("temporalio")
        self._counters: dict[str, Counter] = {}
        self._histograms: dict[str, Histogram] = {}
        self._gauges: dict[str, dict[_AttributeSet, Observation]] = {}

    def drain(self) -> None:
        """Take over the updates since the last call."""
        updates = self._buffer.retrieve_updates()
        # Objects of this batch live until its end, so that here their addresses tell them apart.
        known: dict[int, _Attributes] = {}
        counted: dict[tuple[str, int], float] = {}
        latest: dict[tuple[str, int], float] = {}
        for update in updates:
            metric, value, address = update.metric, update.value, id(update.attributes)
            if address not in known:
                known[address] = dict(update.attributes)
            if metric.kind == BUFFERED_METRIC_KIND_COUNTER:
                self._counter(metric)
                key = (metric.name, address)
                counted[key] = counted.get(key, 0) + value
            elif metric.kind == BUFFERED_METRIC_KIND_GAUGE:
                self._gauge(metric)
                # Later ones go to the end: other objects may hold the same attributes.
                latest.pop((metric.name, address), None)
                latest[metric.name, address] = value
            else:
                self._histogram(metric).record(value, known[address])
        for (name, address), value in counted.items():
            self._counters[name].add(value, known[address])
        for (name, address), value in latest.items():
            attributes = known[address]
            self._gauges[name][frozenset(attributes.items())] = Observation(value, attributes)

    def _counter(self, metric: BufferedMetric) -> None:
        if metric.name not in self._counters:
            self._counters[metric.name] = self._meter.create_counter(
                metric.name, metric.unit or "", metric.description or ""
            )

    def _gauge(self, metric: BufferedMetric) -> None:
        if metric.name not in self._gauges:
            values = self._gauges[metric.name] = {}
            self._meter.create_observable_gauge(
                metric.name, [_reader(values)], metric.unit or "", metric.description or ""
            )

    def _histogram(self, metric: BufferedMetric) -> Histogram:
        found = self._histograms.get(metric.name)
        if found is None:
            found = self._histograms[metric.name] = self._meter.create_histogram(
                metric.name,
                metric.unit or "",
                metric.description or "",
                explicit_bucket_boundaries_advisory=LONG,
            )
        return found


def _reader(
    values: dict[_AttributeSet, Observation],
) -> Callable[[CallbackOptions], Iterable[Observation]]:
    # A copy: the exporter reads in a thread of its own.
    return lambda _options: list(values.values())
