"""A TCP proxy between a process and a server, whose connections can be made to fail.

A partition holds back what passes the proxy; connecting to it still succeeds, since the kernel
accepts, and then nothing comes. Where the server is down, a new connection is reset, as behind a
load balancer.
"""

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Literal

from ichor_devstack.ports import LOOPBACK, free_port

Direction = Literal["request", "reply"]
"""From the process to the server, and back."""

_CHUNK = 65_536
_SLOW_CHUNK = 1_024
_RESET_AT_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER


class Proxy:
    """Passes bytes on to a port of this machine, or fails to as it is told.

    Attributes:
        name: what the plan calls the link.
        port: where the process connects.
        latency: seconds by which each chunk is late.
        bytes_per_second: 0: no limit.
    """

    def __init__(self, name: str, upstream: int) -> None:
        self.name = name
        self.port = free_port()
        self.latency = 0.0
        self.bytes_per_second = 0
        self._upstream = upstream
        self._server: asyncio.Server | None = None
        self._passing = asyncio.Event()
        self._passing.set()
        self._discarded: frozenset[Direction] = frozenset()
        self._connections: dict[asyncio.Task[None], list[asyncio.StreamWriter]] = {}

    @property
    def connections(self) -> int:
        """How many connections there are."""
        return len(self._connections)

    async def listen(self) -> None:
        """Accept connections; nothing happens if it does."""
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, LOOPBACK, self.port)

    async def refuse(self) -> None:
        """Refuse new connections; those that are there stay."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
            # A connection that the kernel has accepted already begins its task first.
            await asyncio.sleep(0)

    async def reset(self) -> None:
        """Reset every connection, towards both sides."""
        tasks = list(self._connections)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def partition(self) -> None:
        """Hold back everything, both ways, until `heal`."""
        self._passing.clear()

    def discard(self, *directions: Direction) -> None:
        """Accept what goes these ways, and deliver it to nobody, until `heal`."""
        self._discarded = frozenset(directions)

    async def heal(self) -> None:
        """Pass everything again; connections of which bytes may be missing are reset."""
        self.latency, self.bytes_per_second = 0.0, 0
        if self._discarded:
            await self.reset()
        self._discarded = frozenset()
        self._passing.set()
        await self.listen()

    async def close(self) -> None:
        """End it and every connection."""
        await self.refuse()
        await self.reset()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        ends = self._connections[task] = [writer]
        end_it = _reset
        try:
            await self._passing.wait()
            server_reader, server_writer = await asyncio.open_connection(LOOPBACK, self._upstream)
            ends.append(server_writer)
            async with asyncio.TaskGroup() as both:
                both.create_task(self._pump(reader, server_writer, "request"))
                both.create_task(self._pump(server_reader, writer, "reply"))
            end_it = asyncio.StreamWriter.close
        except* OSError:
            pass  # one of the two is gone, and so shall be the other
        except* asyncio.CancelledError:
            pass  # it is to be reset
        finally:
            del self._connections[task]
            for end in ends:
                end_it(end)

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, direction: Direction
    ) -> None:
        while data := await reader.read(_SLOW_CHUNK if self.bytes_per_second else _CHUNK):
            await self._passing.wait()
            if direction in self._discarded:
                continue
            delay = self.latency
            if self.bytes_per_second:
                delay += len(data) / self.bytes_per_second
            if delay:
                await asyncio.sleep(delay)
                await self._passing.wait()
            writer.write(data)
            await writer.drain()
        with contextlib.suppress(OSError):
            writer.write_eof()


def _reset(writer: asyncio.StreamWriter) -> None:
    end = writer.get_extra_info("socket")
    if end is not None:
        with contextlib.suppress(OSError):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_AT_CLOSE)
    writer.transport.abort()


@asynccontextmanager
async def proxy(name: str, upstream: int) -> AsyncGenerator[Proxy]:
    """Run a proxy while the context lasts."""
    one = Proxy(name, upstream)
    await one.listen()
    try:
        yield one
    finally:
        await one.close()
