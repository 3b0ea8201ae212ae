"""An HTTP server whose answers a test holds back, and which remembers who called."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import NamedTuple

from ichor_devstack.ports import LOOPBACK, free_port

ANSWER = b'{"ok": true}'


class Call(NamedTuple):
    """One request."""

    path: str
    key: str
    """Its `Idempotency-Key`."""


class GatedTarget:
    """Answers at once, except on paths that are held until the test lets them go."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.calls: list[Call] = []
        self.given_up: list[Call] = []
        """Calls whose caller hung up before the answer."""
        self._gates: dict[str, asyncio.Event] = {}
        self._changed = asyncio.Condition()

    def hold(self, path: str) -> None:
        """Answer no calls of this path until it is released."""
        self._gates[path] = asyncio.Event()

    def release(self, path: str) -> None:
        """Answer the calls of this path, those that wait and those to come."""
        self._gates[path].set()

    def release_all(self) -> None:
        """Answer everything."""
        for gate in self._gates.values():
            gate.set()

    def keys(self) -> dict[str, list[str]]:
        """Return the keys of all calls, by path, in their order."""
        keys: dict[str, list[str]] = defaultdict(list)
        for call in self.calls:
            keys[call.path].append(call.key)
        return keys

    async def called(self, path: str, times: int = 1) -> None:
        """Wait until a path was called so many times."""
        async with self._changed:
            await self._changed.wait_for(lambda: len(self.keys()[path]) >= times)

    async def hung_up(self, path: str) -> None:
        """Wait until a caller of a held path hangs up."""
        async with self._changed:
            await self._changed.wait_for(lambda: path in {call.path for call in self.given_up})

    async def _note(self, where: list[Call], call: Call) -> None:
        async with self._changed:
            where.append(call)
            self._changed.notify_all()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        try:
            call = await _read(reader)
            await self._note(self.calls, call)
            if await self._may_answer(call.path, reader):
                head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(ANSWER)}\r\nConnection: close\r\n"
                writer.write(f"{head}Content-Type: application/json\r\n\r\n".encode() + ANSWER)
                await writer.drain()
            else:
                await self._note(self.given_up, call)
        except ConnectionError:
            pass  # the caller was killed
        finally:
            writer.close()

    async def _may_answer(self, path: str, reader: asyncio.StreamReader) -> bool:
        """Wait for the gate; says whether the caller is still there."""
        gate = self._gates.get(path)
        if gate is None:
            return True
        opened = asyncio.create_task(gate.wait())
        gone = asyncio.create_task(reader.read(1))
        await asyncio.wait({opened, gone}, return_when=asyncio.FIRST_COMPLETED)
        for task in (opened, gone):
            task.cancel()
        await asyncio.gather(opened, gone, return_exceptions=True)
        return gate.is_set()


async def _read(reader: asyncio.StreamReader) -> Call:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)}
    await reader.readexactly(int(headers.get("content-length", "0")))
    return Call(first.split(" ")[1], headers.get("idempotency-key", ""))


@asynccontextmanager
async def gated_target() -> AsyncGenerator[GatedTarget]:
    """Run the server on a free port while the context lasts."""
    port = free_port()
    target = GatedTarget(f"http://{LOOPBACK}:{port}")
    server = await asyncio.start_server(target.serve, LOOPBACK, port)
    async with server:
        yield target
        target.release_all()
