"""A RabbitMQ node of one's own, or the broker that `AMQP_URL` names."""

import asyncio
import contextlib
import os
import secrets
import tempfile
from collections.abc import AsyncGenerator
from pathlib import Path

from ichor_devstack.debian_package import install_package
from ichor_devstack.ports import LOOPBACK, free_port
from ichor_devstack.processes import (
    NotInstalledError,
    ServerProcess,
    ServerStartError,
    start_server,
)

_START_SECONDS = 90.0
_NODE = "ichor@localhost"
_USER = "ichor"
_AMQP_HEADER = b"AMQP\x00\x00\x09\x01"
# The script itself: the wrapper on the path changes the user and the environment.
_SCRIPTS = (
    "/usr/lib/rabbitmq/bin/rabbitmq-server",
    "/usr/local/lib/rabbitmq/bin/rabbitmq-server",
    "/opt/rabbitmq/sbin/rabbitmq-server",
)
_ADVICE = (
    "RabbitMQ is not there: install the package rabbitmq-server "
    "(Debian, Ubuntu: sudo apt-get install rabbitmq-server), or set AMQP_URL to a broker that "
    "runs, such as amqp://guest:guest@localhost:5672/ after "
    "'docker run --detach --publish 127.0.0.1:5672:5672 rabbitmq:4'"
)


class RabbitmqServer:
    """A broker; one of our own can be killed and started again with the same data.

    Attributes:
        url: ``amqp://user:password@host:port/``.
        process: the running node; None while it is down, and for a broker that ran before.
        folder: where its data and logs are; None for a broker that ran before.
    """

    def __init__(self, url: str, folder: Path | None = None) -> None:
        self.url = url
        self.folder = folder
        self.process: ServerProcess | None = None
        self._epmd: ServerProcess | None = None
        self._epmd_port = 0
        self._port = 0
        self._distribution_port = 0
        self._script = Path()

    @classmethod
    def of_folder(cls, script: Path, folder: Path, port: int | None = None) -> "RabbitmqServer":
        """Return a node, not yet started, whose data are in `folder`.

        Args:
            script: the server's start script.
            folder: is made if absent.
            port: of AMQP; None: a free one.
        """
        folder.mkdir(parents=True, exist_ok=True)
        port = port or free_port()
        password = _password(folder)
        server = cls(f"amqp://{_USER}:{password}@{LOOPBACK}:{port}/", folder)
        server._script = script
        server._port = port
        server._epmd_port = free_port()
        server._distribution_port = free_port()
        (folder / "enabled_plugins").write_text("[].\n")
        settings = {
            "listeners.tcp.1": f"{LOOPBACK}:{port}",
            "default_user": _USER,
            "default_pass": password,
            # A nearly full disk of a developer's machine must not stop the publishers.
            "disk_free_limit.absolute": "50MB",
            "log.console": "true",
            "log.console.level": "warning",
            "log.file": "false",
        }
        text = "".join(f"{name} = {value}\n" for name, value in settings.items())
        (folder / "rabbitmq.conf").touch(mode=0o600)
        (folder / "rabbitmq.conf").write_text(text)
        return server

    async def start(self) -> None:
        """Start the node and wait until it takes connections.

        Raises:
            ServerStartError: it does not start; the message shows its log.
        """
        if self.folder is None:
            raise ServerStartError("this RabbitMQ is not ours to start")
        if self.process is not None:
            raise ServerStartError("RabbitMQ is running already")
        environment = self._environment(self.folder)
        if self._epmd is None:
            # The node would start one as a daemon, which would outlive it.
            self._epmd = await start_server(
                "epmd",
                [
                    *("epmd", "-port", str(self._epmd_port), "-address", LOOPBACK),
                    "-relaxed_command_check",
                ],
                log=self.folder / "epmd.log",
                env=environment,
            )
            await self._epmd.wait_until_ready(self._epmd_listens, seconds=_START_SECONDS)
        process = await start_server(
            "RabbitMQ", [self._script], log=self.folder / "rabbitmq.log", env=environment
        )
        await process.wait_until_ready(self._answers, seconds=_START_SECONDS)
        self.process = process

    async def stop(self) -> None:
        """Stop the node and all that belongs to it; nothing happens if it is down."""
        process, self.process = self.process, None
        if process is not None:
            await process.stop()
        epmd, self._epmd = self._epmd, None
        if epmd is not None:
            await epmd.stop()

    async def kill(self) -> None:
        """End the node as a crash does (SIGKILL); nothing happens if it is down."""
        process, self.process = self.process, None
        if process is not None:
            await process.kill()

    def keeps_queue(self, name: str) -> bool:
        """Say whether a quorum queue would survive a crash.

        RabbitMQ 3 writes the registration of a new queue up to three seconds late; killed before,
        it has the queue but never again a leader for it.
        """
        folder = self.folder or Path()
        return any(name.encode() in file.read_bytes() for file in folder.glob("data/**/names.dets"))

    def _environment(self, folder: Path) -> dict[str, str]:
        foreign = ("RABBITMQ_", "ERL_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        return {
            **kept,
            "HOME": str(folder),  # of the cookie
            # The script becomes the node instead of watching it, so that its signals arrive.
            "RUNNING_UNDER_SYSTEMD": "true",
            "RABBITMQ_NODENAME": _NODE,
            "RABBITMQ_MNESIA_BASE": str(folder / "data"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
            "RABBITMQ_GENERATED_CONFIG_DIR": str(folder / "generated"),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_DIST_PORT": str(self._distribution_port),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": (
                "-kernel inet_dist_use_interface {127,0,0,1} -start_epmd false"
            ),
            "ERL_EPMD_PORT": str(self._epmd_port),
            "ERL_EPMD_ADDRESS": LOOPBACK,
        }

    async def _epmd_listens(self) -> bool:
        return await _ask(self._epmd_port, b"") is not None

    async def _answers(self) -> bool:
        return await _ask(self._port, _AMQP_HEADER) not in (None, b"")


@contextlib.asynccontextmanager
async def rabbitmq(
    data_dir: Path | None = None, *, port: int | None = None, start: bool = True
) -> AsyncGenerator[RabbitmqServer]:
    """Run a RabbitMQ node while the context lasts.

    Where `AMQP_URL` is set, that broker is used and left running. Where RabbitMQ is not installed
    and this process is root on Debian or a relative of it, the package is installed, without
    starting its service.

    Args:
        data_dir: where its data stay, made if absent; None: a folder that is removed at the end.
        port: None: a free one.
        start: False: give it before it runs, so that other things start alongside; `start()` is
            then the caller's to call, unless `folder` is None.

    Raises:
        NotInstalledError: it is not there; the message says what to do.
        ServerStartError: it does not start; the message shows its log.
    """
    url = os.environ.get("AMQP_URL")
    if url:
        yield RabbitmqServer(url)
        return
    script = _find_script()
    if script is None:
        await install_package("rabbitmq-server", _ADVICE)
        script = _find_script()
    if script is None:
        raise NotInstalledError(_ADVICE)
    with contextlib.ExitStack() as temporary:
        if data_dir is None:
            folder = temporary.enter_context(
                tempfile.TemporaryDirectory(prefix="ichor-mq-", ignore_cleanup_errors=True)
            )
            data_dir = Path(folder)
        server = RabbitmqServer.of_folder(script, data_dir.absolute(), port)
        try:
            if start:
                await server.start()
            yield server
        finally:
            await server.stop()


def _find_script() -> Path | None:
    return next((Path(script) for script in _SCRIPTS if os.access(script, os.X_OK)), None)


def _password(folder: Path) -> str:
    """Return the password that the data were made with."""
    file = folder / "password"
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_hex(16))
    return file.read_text()


async def _ask(port: int, greeting: bytes) -> bytes | None:
    """Return what a port answers to a greeting; None where nothing listens."""
    try:
        reader, writer = await asyncio.open_connection(LOOPBACK, port)
    except OSError:
        return None
    try:
        if not greeting:
            return b""
        writer.write(greeting)
        async with asyncio.timeout(5):
            return await reader.read(1)
    except (ConnectionError, TimeoutError):
        return None
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
