"""What measures a process: OpenTelemetry's SDK, read as Prometheus reads it."""

from collections.abc import Iterable

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
from ichor_runtime.temporal.runtime import TemporalMetrics

_CLOSE_MILLISECONDS = 5_000


class MeasuredProcess:
    """Measures this process from now on.

    Args:
        service: as `process_resource`.
        kind: of process, in words that stay the same whatever `OTEL_SERVICE_NAME` says.
        sends: whether metrics are sent by OTLP besides.
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
            "ichor.build.info", [self._build], description="1; the labels say what runs."
        )
        self.temporal = TemporalMetrics(self._provider)

    def exposition(self) -> bytes:
        """Return all metrics; not to be called by two threads at a time."""
        self.temporal.drain()
        return generate_latest(self._registry)

    def close(self) -> None:
        """Send what is left, and measure no more."""
        self.temporal.drain()
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
