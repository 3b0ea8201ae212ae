"""The environment variables of OpenTelemetry that say which telemetry a process has.

Traces are on if an OTLP endpoint (`OTEL_EXPORTER_OTLP_ENDPOINT` or
`OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`) or an exporter (`OTEL_TRACES_EXPORTER`: `otlp` or `console`)
is set, unless `OTEL_TRACES_EXPORTER=none`. Metrics are on unless `OTEL_METRICS_EXPORTER=none`, and
sent by OTLP if `OTEL_METRICS_EXPORTER=otlp` or `OTEL_EXPORTER_OTLP_METRICS_ENDPOINT` is set; the
endpoint of traces alone does not send them, since a trace collector need not accept metrics.
`OTEL_SDK_DISABLED=true` switches both off.
"""

import os
from collections.abc import Iterator, Mapping

_PROTOCOL = "http/protobuf"
_PROTOCOLS = tuple(f"OTEL_EXPORTER_OTLP{signal}_PROTOCOL" for signal in ("", "_TRACES", "_METRICS"))
_TRACE_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_METRICS_ENDPOINT = "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"
_SCHEMES = ("http://", "https://")
_EXPORTERS = {
    "OTEL_TRACES_EXPORTER": ("otlp", "console", "none"),
    "OTEL_METRICS_EXPORTER": ("prometheus", "otlp", "none"),
}
_MILLISECONDS = ("OTEL_METRIC_EXPORT_INTERVAL", "OTEL_METRIC_EXPORT_TIMEOUT")


def telemetry_problems(variables: Mapping[str, str] = os.environ) -> list[str]:
    """Return the variables that cannot be used, one line each."""
    return [
        f"{name}: expected {expected} (it is {variables[name]!r})"
        for name, expected, is_valid in _checks(variables)
        if variables.get(name) and not is_valid
    ]


def _checks(variables: Mapping[str, str]) -> Iterator[tuple[str, str, bool]]:
    for name, exporters in _EXPORTERS.items():
        yield name, f"one of {', '.join(exporters)}", variables.get(name) in exporters
    for name in _PROTOCOLS:
        yield name, _PROTOCOL, variables.get(name) == _PROTOCOL
    for name in (*_TRACE_ENDPOINTS, _METRICS_ENDPOINT):
        yield name, "http://… or https://…", variables.get(name, "").startswith(_SCHEMES)
    for name in _MILLISECONDS:
        given = variables.get(name, "")
        yield name, "milliseconds, such as 60000", given.isdecimal() and int(given) > 0


def wants_traces(variables: Mapping[str, str] = os.environ) -> bool:
    """Say whether this process traces."""
    if _is_disabled(variables):
        return False
    exporter = variables.get("OTEL_TRACES_EXPORTER")
    endpoints = any(variables.get(name) for name in _TRACE_ENDPOINTS)
    return exporter != "none" and bool(exporter or endpoints)


def wants_metrics(variables: Mapping[str, str] = os.environ) -> bool:
    """Say whether this process measures."""
    return not _is_disabled(variables) and variables.get("OTEL_METRICS_EXPORTER") != "none"


def sends_metrics(variables: Mapping[str, str] = os.environ) -> bool:
    """Say whether metrics are sent by OTLP, in addition to `GET /metrics`."""
    exporter = variables.get("OTEL_METRICS_EXPORTER")
    return exporter == "otlp" or bool(variables.get(_METRICS_ENDPOINT))


def _is_disabled(variables: Mapping[str, str]) -> bool:
    return variables.get("OTEL_SDK_DISABLED", "").lower() == "true"
