"""The partner's system: an HTTP server that is busy when it is first asked."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from msgspec import Struct

from ichor_core import exact_json

_MAX_HEAD = 64 * 1024
_STATUSES = {201: "Created", 400: "Bad Request", 503: "Service Unavailable"}


class PartnerCall(Struct, frozen=True):
    """A request that came in, and the status it was answered with."""

    idempotency_key: str
    status: int


class _Order(Struct):
    order: str


class Partner:
    """Answers 503 to the very first request, then 201 with a reference.

    Attributes:
        url: where it listens.
        calls: all requests so far.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.calls: list[PartnerCall] = []

    def answer(self, key: str, body: bytes) -> tuple[int, object]:
        """Return status and body of the response to a request."""
        try:
            order = exact_json.decode(body, _Order).order
        except ValueError as error:
            status, content = 400, {"error": str(error)}
        else:
            status = 201 if self.calls else 503
            content = {"reference": f"P-{order}"} if self.calls else {"error": "busy, try again"}
        self.calls.append(PartnerCall(key, status))
        return status, content


@asynccontextmanager
async def partner(port: int = 0) -> AsyncGenerator[Partner]:
    """Run the partner's system while the context lasts.

    Args:
        port: 0: a free one.
    """

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            lines = (line.partition(":") for line in head.split("\r\n")[1:])
            headers = {name.lower(): value.strip() for name, _, value in lines}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            status, content = system.answer(headers.get("idempotency-key", ""), body)
            writer.write(_response(status, content))
            await writer.drain()
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
            pass  # whoever asked went away
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", port, limit=_MAX_HEAD)
    system = Partner(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    async with server:
        yield system


def _response(status: int, content: object) -> bytes:
    data = exact_json.encode(content)
    head = (
        f"HTTP/1.1 {status} {_STATUSES[status]}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(data)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + data
