"""Each fault of a link, as the two ends see it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from ichor_devstack.ports import LOOPBACK
from tests.chaos.proxy import Proxy, proxy

pytestmark = pytest.mark.timeout(30)


class EchoServer:
    """Answers each line with the same line, and remembers what it got."""

    def __init__(self) -> None:
        self.port = 0
        self.lines: list[bytes] = []
        self.got = asyncio.Condition()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                async with self.got:
                    self.lines.append(line)
                    self.got.notify_all()
                writer.write(line)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def has(self, line: bytes) -> None:
        async with self.got:
            await self.got.wait_for(lambda: line in self.lines)


class Client:
    """A connection through the proxy."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def ask(self, line: bytes) -> bytes:
        self.writer.write(line)
        await self.writer.drain()
        return await self.reader.readline()

    async def is_reset(self) -> bool:
        try:
            await self.reader.read(1)
        except ConnectionResetError:
            return True
        return False


@pytest.fixture
async def echo() -> AsyncIterator[EchoServer]:
    one = EchoServer()
    server = await asyncio.start_server(one.serve, LOOPBACK, 0)
    one.port = server.sockets[0].getsockname()[1]
    async with server:
        yield one


@pytest.fixture
async def link(echo: EchoServer) -> AsyncIterator[Proxy]:
    async with proxy("client->echo", echo.port) as one:
        yield one


@pytest.fixture
async def clients(link: Proxy) -> AsyncIterator["Connect"]:
    async with AsyncExitStack() as stack:
        yield Connect(link, stack)


class Connect:
    """Connects, and closes at the end."""

    def __init__(self, link: Proxy, stack: AsyncExitStack) -> None:
        self._link = link
        self._stack = stack

    async def __call__(self) -> Client:
        reader, writer = await asyncio.open_connection(LOOPBACK, self._link.port)
        self._stack.callback(writer.close)
        return Client(reader, writer)


async def test_it_passes_bytes_both_ways(clients: Connect):
    one, other = await clients(), await clients()

    assert await one.ask(b"one\n") == b"one\n"
    assert await other.ask(b"other\n") == b"other\n"


async def test_it_passes_much(clients: Connect, echo: EchoServer):
    client = await clients()
    client.reader._limit = 10_000_000  # type: ignore[attr-defined]
    lines = [b"%d" % number * 5_000 + b"\n" for number in range(200)]

    client.writer.write(b"".join(lines))
    answers = [await client.reader.readline() for _ in lines]

    assert answers == lines


async def test_an_end_on_one_side_is_passed_on(clients: Connect, link: Proxy):
    client = await clients()
    assert await client.ask(b"last\n") == b"last\n"

    client.writer.write_eof()

    assert await client.reader.read() == b""
    while link.connections:
        await asyncio.sleep(0)


async def test_a_reset_reaches_every_client_and_a_new_connection_works(
    clients: Connect, link: Proxy
):
    old = [await clients(), await clients()]
    for client in old:
        await client.ask(b"x\n")

    await link.reset()

    assert [await client.is_reset() for client in old] == [True, True]
    assert link.connections == 0
    assert await (await clients()).ask(b"new\n") == b"new\n"


async def test_refused_are_new_connections_only(clients: Connect, link: Proxy):
    old = await clients()
    await old.ask(b"x\n")

    await link.refuse()
    with pytest.raises(ConnectionRefusedError):
        await clients()
    assert await old.ask(b"still\n") == b"still\n"

    await link.heal()
    assert await (await clients()).ask(b"new\n") == b"new\n"
    assert await old.ask(b"still\n") == b"still\n"


async def test_a_black_hole_takes_bytes_and_delivers_none(
    clients: Connect, link: Proxy, echo: EchoServer
):
    client = await clients()
    await client.ask(b"before\n")

    link.discard("request", "reply")
    client.writer.write(b"swallowed\n" * 10_000)
    await client.writer.drain()
    answer = asyncio.create_task(client.is_reset())
    await link.heal()

    assert await answer
    assert await (await clients()).ask(b"after\n") == b"after\n"
    assert echo.lines == [b"before\n", b"after\n"]


async def test_with_lost_replies_the_server_does_what_it_is_asked(
    clients: Connect, link: Proxy, echo: EchoServer
):
    client = await clients()
    await client.ask(b"before\n")

    link.discard("reply")
    client.writer.write(b"done, and nobody knows\n")
    await echo.has(b"done, and nobody knows\n")
    await link.heal()

    assert await client.is_reset()


async def test_a_partition_holds_and_then_delivers(clients: Connect, link: Proxy, echo: EchoServer):
    old = await clients()
    await old.ask(b"before\n")

    link.partition()
    held = asyncio.create_task(old.ask(b"held\n"))
    new = asyncio.create_task((await clients()).ask(b"new\n"))
    # What passes takes a few turns of the loop; a round trip elsewhere takes as many.
    await _round_trip(echo)
    assert not held.done()
    assert not new.done()
    assert b"held\n" not in echo.lines
    await link.heal()

    assert await held == b"held\n"
    assert await new == b"new\n"


async def test_a_reset_during_a_partition_loses_what_was_held(
    clients: Connect, link: Proxy, echo: EchoServer
):
    client = await clients()
    await client.ask(b"before\n")

    link.partition()
    client.writer.write(b"held\n")
    await link.reset()
    await link.heal()

    assert await client.is_reset()
    assert await (await clients()).ask(b"after\n") == b"after\n"
    assert b"held\n" not in echo.lines


async def test_latency_and_bandwidth_delay_and_lose_nothing(clients: Connect, link: Proxy):
    client = await clients()
    loop = asyncio.get_running_loop()
    link.latency, link.bytes_per_second = 0.02, 20_000
    began = loop.time()

    text = b"x" * 2_000 + b"\n"
    assert await client.ask(text) == text

    # A delay is at least what was asked for, however busy the machine is.
    assert loop.time() - began >= 2 * (0.02 + 2_001 / 20_000)
    await link.heal()
    assert (link.latency, link.bytes_per_second) == (0, 0)


async def test_where_the_server_is_down_a_connection_is_reset():
    async with proxy("client->nobody", 1) as link:
        reader, writer = await asyncio.open_connection(LOOPBACK, link.port)
        assert await Client(reader, writer).is_reset()
        writer.close()


async def _round_trip(echo: EchoServer) -> None:
    async with proxy("other->echo", echo.port) as other, AsyncExitStack() as stack:
        assert await (await Connect(other, stack)()).ask(b"round trip\n") == b"round trip\n"
