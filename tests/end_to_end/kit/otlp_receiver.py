"""A receiver of traces by OTLP over HTTP, as any backend would be, and the trees that they form."""

import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class SentSpan:
    """A span as it was received."""

    trace_id: str
    span_id: str
    parent_id: str
    name: str
    kind: str
    service: str
    attributes: dict[str, Any]
    began: int
    ended: int
    failed: bool
    events: tuple[str, ...]

    @property
    def seconds(self) -> float:
        """How long it took."""
        return (self.ended - self.began) / 1e9


@dataclass
class Receiver:
    """What has arrived so far."""

    endpoint: str = ""
    spans: list[SentSpan] = field(default_factory=list[SentSpan])
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, body: bytes) -> None:
        """Keep the spans of a request."""
        request = ExportTraceServiceRequest.FromString(body)
        with self.lock:
            self.spans.extend(_spans(request))

    def of_trace(self, trace_id: str) -> list[SentSpan]:
        """Return the spans of one trace, by their start."""
        with self.lock:
            found = [span for span in self.spans if span.trace_id == trace_id]
        return sorted(found, key=lambda span: span.began)


@contextmanager
def otlp_receiver() -> Generator[Receiver]:
    """Receive spans while the context lasts."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path != "/v1/traces" or self.headers.get("Content-Encoding"):
                self.send_error(404)
                return
            receiver.take(body)
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer((LOOPBACK, 0), Handler)
    receiver.endpoint = f"http://{LOOPBACK}:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def tree_of(spans: list[SentSpan]) -> str:
    """Return spans as an indented tree of `service: name` lines, sorted at each level."""
    known = {span.span_id for span in spans}

    def lines_of(span: SentSpan) -> list[str]:
        first = f"{span.service}: {span.name}{' (failed)' * span.failed}"
        children = [lines_of(child) for child in spans if child.parent_id == span.span_id]
        return [first, *(f"  {line}" for child in sorted(children) for line in child)]

    roots = [lines_of(span) for span in spans if span.parent_id not in known]
    return "\n".join(line for root in sorted(roots) for line in root)


def _spans(request: ExportTraceServiceRequest) -> Iterator[SentSpan]:
    for group in request.resource_spans:
        resource = _values(group.resource.attributes)
        for scope in group.scope_spans:
            for span in scope.spans:
                yield SentSpan(
                    span.trace_id.hex(),
                    span.span_id.hex(),
                    span.parent_span_id.hex(),
                    span.name,
                    span.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_").lower(),
                    resource["service.name"],
                    _values(span.attributes),
                    span.start_time_unix_nano,
                    span.end_time_unix_nano,
                    span.status.code == span.status.STATUS_CODE_ERROR,
                    tuple(event.name for event in span.events),
                )


def _values(attributes: Any) -> dict[str, Any]:
    return {
        item.key: getattr(item.value, item.value.WhichOneof("value") or "string_value")
        for item in attributes
    }
