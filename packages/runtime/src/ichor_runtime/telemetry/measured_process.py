"""The measurement of a process by OpenTelemetry's SDK, exposed in Prometheus' format."""

from collections.abc import Callable, Iterable

from opentelemetry import metrics
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.metrics import CallbackOptions, Observation
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricReader, PeriodicExportingMetricReader
from prometheus_client import (
    CollectorRegistry,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

from ichor_core.contract import INTERPRETER_VERSION
from ichor_runtime.resource import process_resource

_CLOSE_MILLISECONDS = 5_000


class MeasuredProcess:
    """Measures this process from now on.

    Args:
        service: as `process_resource`.
        kind: of process: stays the same whatever `OTEL_SERVICE_NAME` says.
        sends: whether metrics are sent by OTLP as well.
    """

    def __init__(self, service: str, *, kind: str, sends: bool) -> None:
        # Not the library's own registry, to which any imported module may add.
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        GCCollector(registry=self._registry)
        readers: list[MetricReader] = [
            PrometheusMetricReader(scope_info_enabled=False, registry=self._registry)
        ]
        if sends:
            from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter

            readers.append(PeriodicExportingMetricReader(OTLPMetricExporter()))
        resource = process_resource(service)
        self._provider = MeterProvider(readers, resource, shutdown_on_exit=False)
        metrics.set_meter_provider(self._provider)
        self._kind = kind
        self._version = str(resource.attributes["service.version"])
        self._provider.get_meter(__name__).create_observable_gauge(
            "ichor.build.info",
            [self._build],
            description="1; labels: version of the process, newest interpreter version.",
        )
        self._buffers: list[Callable[[], None]] = []

    @property
    def provider(self) -> MeterProvider:
        """The meters of the process."""
        return self._provider

    def add_buffer(self, drain: Callable[[], None]) -> None:
        """Have the metrics that a library buffers taken over by `drain` at each collection."""
        self._buffers.append(drain)

    def collect(self) -> None:
        """Take over the metrics that libraries have buffered."""
        for drain in self._buffers:
            drain()

    def exposition(self) -> bytes:
        """Return all metrics; not to be called by two threads at a time."""
        self.collect()
        return generate_latest(self._registry)

    def close(self) -> None:
        """Send the metrics that are left, and measure no more."""
        self.collect()
        self._provider.shutdown(_CLOSE_MILLISECONDS)

    def _build(self, _options: CallbackOptions) -> Iterable[Observation]:
        yield Observation(
            1,
            {
                "process": self._kind,
                "version": self._version,
                "interpreter_version": str(INTERPRETER_VERSION),
            },
        )
