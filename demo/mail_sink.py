"""A mail server that takes every mail and delivers none."""

import asyncio
import email
import email.policy
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from msgspec import Struct

_LIMIT = 1024 * 1024


class Mail(Struct, frozen=True):
    """A mail that was taken."""

    recipients: tuple[str, ...]
    subject: str


class MailSink:
    """Speaks as much of SMTP as a client needs.

    Attributes:
        port: where it listens.
        mails: all mails so far.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self.mails: list[Mail] = []

    def take(self, recipients: list[str], data: bytes) -> None:
        """Keep a mail."""
        message = email.message_from_bytes(data, policy=email.policy.default)
        self.mails.append(Mail(tuple(recipients), str(message["Subject"])))


@asynccontextmanager
async def mail_sink() -> AsyncGenerator[MailSink]:
    """Run the mail server on a free port while the context lasts."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await _converse(sink, reader, writer)
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
            pass  # the client went away
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=_LIMIT)
    sink = MailSink(server.sockets[0].getsockname()[1])
    async with server:
        yield sink


async def _converse(
    sink: MailSink, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    async def say(text: str) -> None:
        writer.write(f"{text}\r\n".encode())
        await writer.drain()

    recipients: list[str] = []
    await say("220 demo ESMTP")
    while line := (await reader.readline()).decode("latin-1"):
        command, _, rest = line.strip().partition(" ")
        match command.upper():
            case "EHLO" | "HELO" | "NOOP":
                await say("250 demo")
            case "MAIL" | "RSET":
                recipients.clear()
                await say("250 OK")
            case "RCPT":
                recipients.append(rest.partition("<")[2].partition(">")[0])
                await say("250 OK")
            case "DATA":
                await say("354 go on")
                sink.take(recipients, await reader.readuntil(b"\r\n.\r\n"))
                await say("250 OK")
            case "QUIT":
                await say("221 goodbye")
                return
            case _:
                await say("502 not implemented")
