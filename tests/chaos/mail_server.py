"""A mail server that takes every mail, remembers its `Message-ID`, and delivers none."""

import asyncio
import email
import email.policy
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from ichor_devstack.ports import LOOPBACK
from tests.chaos.evidence import Mail

_LIMIT = 1024 * 1024
_ANSWERS = {"EHLO": "250 chaos", "HELO": "250 chaos", "QUIT": "221 bye", "DATA": "354 go on"}


class MailServer:
    """Speaks as much of SMTP as the worker needs.

    Attributes:
        port: where it listens.
        mails: all mails so far.
    """

    def __init__(self) -> None:
        self.port = 0
        self.mails: list[Mail] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one client."""
        try:
            writer.write(b"220 chaos ESMTP\r\n")
            while line := (await reader.readline()).decode("latin-1"):
                command = line.strip().partition(" ")[0].upper()
                writer.write(f"{_ANSWERS.get(command, '250 OK')}\r\n".encode())
                if command == "QUIT":
                    break
                if command == "DATA":
                    self._take(await reader.readuntil(b"\r\n.\r\n"))
                    writer.write(b"250 OK\r\n")
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the worker was killed
        finally:
            writer.close()

    def _take(self, data: bytes) -> None:
        message = email.message_from_bytes(data, policy=email.policy.default)
        self.mails.append(Mail(str(message["Message-ID"]), str(message["Subject"])))


@asynccontextmanager
async def mail_server() -> AsyncGenerator[MailServer]:
    """Run the server on a free port while the context lasts."""
    one = MailServer()
    server = await asyncio.start_server(one.serve, LOOPBACK, 0, limit=_LIMIT)
    one.port = server.sockets[0].getsockname()[1]
    async with server:
        yield one
