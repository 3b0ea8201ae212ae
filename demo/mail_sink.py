"""A mail server that takes every mail, keeps it in a file, and delivers none."""

import asyncio
import email
import email.policy
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from msgspec import Struct

_LIMIT = 1024 * 1024


class Mail(Struct, frozen=True):
    """A mail that was taken."""

    recipients: tuple[str, ...]
    subject: str
    file: Path

    def __str__(self) -> str:
        return f"mail to {', '.join(self.recipients)}: {self.subject}"


class MailSink:
    """Speaks as much of SMTP as a client needs.

    Args:
        folder: gets a file for each mail.

    Attributes:
        port: where it listens.
        folder: of the mails.
        mails: all mails so far.
        on_mail: is told each mail.
    """

    def __init__(self, folder: Path) -> None:
        self.port = 0
        self.folder = folder
        self.mails: list[Mail] = []
        self.on_mail: Callable[[Mail], None] = lambda _: None
        self._number = max((int(file.stem) for file in folder.glob("[0-9]*.eml")), default=0)

    def take(self, recipients: list[str], data: bytes) -> None:
        """Keep a mail."""
        # A line that begins with a dot was sent with two, and the one of the end is no part of it.
        written = data.removesuffix(b".\r\n").replace(b"\r\n..", b"\r\n.")
        self._number += 1
        file = self.folder / f"{self._number:04}.eml"
        self.folder.mkdir(parents=True, exist_ok=True)
        file.write_bytes(written)
        message = email.message_from_bytes(written, policy=email.policy.default)
        # One line, whatever the header holds.
        subject = " ".join(str(message["Subject"]).split())
        mail = Mail(tuple(recipients), subject, file)
        self.mails.append(mail)
        self.on_mail(mail)


@asynccontextmanager
async def mail_sink(folder: Path) -> AsyncGenerator[MailSink]:
    """Run the mail server on a free port while the context lasts.

    Args:
        folder: gets a file for each mail.
    """
    sink = MailSink(folder)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await _converse(sink, reader, writer)
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
            pass  # the client went away
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=_LIMIT)
    sink.port = server.sockets[0].getsockname()[1]
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
