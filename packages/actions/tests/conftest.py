"""The outside world, small and on loopback: an HTTP server, a mail server, an effect store."""

import asyncio
import json
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from msgspec import Struct

from ichor_actions import MailSettings, Registry, Resources, WebhookSettings
from ichor_actions.builtin import builtin_actions
from ichor_actions.testing import run_action
from ichor_core.contract import EffectKey
from ichor_core.errors import InvalidInputError


class Received(Struct):
    method: str
    target: str
    headers: dict[str, str]
    body: bytes


class HttpTarget:
    """Answers every request with `answer`, or hangs until the end if that is None."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.port = 0
        self.released = asyncio.Event()
        self.answer: bytes | None = b""
        self.reply(200, {"ok": True})

    def reply(self, status: int, body: Any = b"", **headers: str) -> None:
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
            headers.setdefault("content_type", "application/json")
        lines = [f"HTTP/1.1 {status} Said", f"content-length: {len(body)}", "connection: close"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.answer = "\r\n".join(lines).encode() + b"\r\n\r\n" + body

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            method, target, _ = head[0].split(" ")
            headers = {
                name.lower(): value
                for name, _, value in (line.partition(": ") for line in head[1:] if line)
            }
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            self.received.append(Received(method, target, headers, body))
            if self.answer is None:
                await self.released.wait()
            else:
                writer.write(self.answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the caller went away
        finally:
            writer.close()


@pytest.fixture(scope="session")
def tls_files(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Certificate and key of hook.example, which vouches for itself."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl on this machine to make a certificate with")
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = str(folder / "certificate.pem"), str(folder / "key.pem")
    command = f"{openssl} req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
    subject = ["-subj", "/CN=hook.example", "-addext", "subjectAltName=DNS:hook.example"]
    subprocess.run(
        [*command.split(), *subject, "-keyout", key, "-out", certificate],
        check=True,
        capture_output=True,
    )
    return certificate, key


@pytest.fixture
async def http_target() -> AsyncIterator[HttpTarget]:
    target = HttpTarget()
    server = await asyncio.start_server(target.serve, "127.0.0.1", 0)
    target.port = server.sockets[0].getsockname()[1]
    yield target
    target.released.set()
    server.close()
    await server.wait_closed()


@pytest.fixture
async def https_target(tls_files: tuple[str, str]) -> AsyncIterator[HttpTarget]:
    target = HttpTarget()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*tls_files)
    server = await asyncio.start_server(target.serve, "127.0.0.1", 0, ssl=context)
    target.port = server.sockets[0].getsockname()[1]
    yield target
    target.released.set()
    server.close()
    await server.wait_closed()


class Mail(Struct):
    sender: str
    recipients: list[str]
    data: bytes


class MailSink:
    """A mail server that keeps what it gets and answers as `answers` says, by command."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self.answers: dict[str, str] = {}
        """By the start of a command, or `message` for the end of the data; empty: hang up."""
        self.extensions: list[str] = ["8BITMIME"]
        self.most_recipients = 100
        self.port = 0

    def _answer(self, command: str, usual: str) -> str:
        return next((text for key, text in self.answers.items() if command.startswith(key)), usual)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._converse(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the caller went away
        finally:
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(self._answer("connect", "220 sink").encode() + b"\r\n")
        mail = Mail("", [], b"")
        while True:
            line = (await reader.readuntil(b"\r\n")).decode().rstrip()
            usual = "250 fine"
            if line.startswith("EHLO"):
                usual = "\r\n".join(["250-sink", *(f"250-{one}" for one in self.extensions)])
                usual += "\r\n250 HELP"
            elif line == "DATA":
                usual = "354 go on"
            elif line == "QUIT":
                usual = "221 bye"
            elif line.startswith("RCPT") and len(mail.recipients) >= self.most_recipients:
                usual = "452 too many recipients"
            answer = self._answer(line, usual)
            if not answer:
                return
            writer.write(answer.encode() + b"\r\n")
            await writer.drain()
            if line.startswith("MAIL"):
                mail = Mail(line.partition("<")[2].partition(">")[0], [], b"")
            elif line.startswith("RCPT") and answer.startswith("2"):
                mail.recipients.append(line.partition("<")[2].partition(">")[0])
            elif line == "DATA" and answer.startswith("354"):
                mail.data = await reader.readuntil(b"\r\n.\r\n")
                self.mails.append(mail)
                answer = self._answer("message", "250 kept")
                if not answer:
                    return
                writer.write(answer.encode() + b"\r\n")
            elif line == "QUIT":
                return


@pytest.fixture
async def mail_sink() -> AsyncIterator[MailSink]:
    sink = MailSink()
    server = await asyncio.start_server(sink.serve, "127.0.0.1", 0)
    sink.port = server.sockets[0].getsockname()[1]
    yield sink
    server.close()
    await server.wait_closed()


class RecordingEffects:
    """Keeps calls; a key that was seen gives its first result again."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self._results: dict[EffectKey, dict[str, Any]] = {}

    def _once(self, key: EffectKey, call: tuple[Any, ...], result: dict[str, Any]) -> Any:
        if "nowhere" in call:
            raise InvalidInputError("the table 'nowhere' is not declared")
        if key not in self._results:
            self.calls.append((key, *call))
            self._results[key] = result
        return self._results[key]

    async def create_record(
        self, key: EffectKey, table: str, values: dict[str, Any]
    ) -> dict[str, Any]:
        return self._once(
            key,
            ("create_record", table, values),
            {"created": True, "record": {"id": len(self.calls) + 1, **values}},
        )

    async def update_records(
        self, key: EffectKey, table: str, changes: dict[str, Any], where: Any
    ) -> dict[str, Any]:
        return self._once(key, ("update_records", table, changes, where), {"updated": 1})

    async def create_alert(self, key: EffectKey, alert: dict[str, Any]) -> dict[str, Any]:
        return self._once(key, ("create_alert", alert), {"alert_id": f"alert {len(self.calls)}"})


@pytest.fixture
def effects() -> RecordingEffects:
    return RecordingEffects()


@pytest.fixture
def resources(effects: RecordingEffects, http_target: HttpTarget, mail_sink: MailSink) -> Resources:
    return Resources(
        effects=effects,
        http=WebhookSettings(allowed_targets=("127.0.0.1",)),
        mail=MailSettings(
            host="127.0.0.1", port=mail_sink.port, sender="Ichor <ichor@example.com>", tls="none"
        ),
    )


Run = Callable[..., Awaitable[dict[str, Any]]]


async def _execute(
    registry: Registry, action_type: str, *args: Any, **kwargs: Any
) -> dict[str, Any]:
    return await run_action(registry.get(action_type), *args, **kwargs)


@pytest.fixture
def run_in() -> Run:
    """Runs one attempt: registry, type, config, trigger data, results, attempt=, visit=."""
    return _execute


@pytest.fixture
def run(resources: Resources) -> Run:
    """Runs one attempt of a built-in action: type, config, trigger data, results, …."""
    registry = Registry(builtin_actions(resources))

    async def execute(*args: Any, **kwargs: Any) -> dict[str, Any]:
        return await _execute(registry, *args, **kwargs)

    return execute
