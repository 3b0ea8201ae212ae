"""A node of an installed RabbitMQ, with data, ports and Erlang helpers of its own."""

import os
import secrets
from pathlib import Path

from ichor_devstack.ports import LOOPBACK, free_port
from ichor_devstack.processes import ServerProcess, ServerStartError, start_server
from ichor_devstack.rabbitmq_server import RabbitmqServer, answers_amqp, ask

_START_SECONDS = 90.0
_NODE = "ichor@localhost"
_USER = "ichor"
# The script itself: the wrapper on the path changes the user and the environment.
_SCRIPTS = (
    "/usr/lib/rabbitmq/bin/rabbitmq-server",
    "/usr/local/lib/rabbitmq/bin/rabbitmq-server",
    "/opt/rabbitmq/sbin/rabbitmq-server",
)


class InstalledNode(RabbitmqServer):
    """A node of an installed RabbitMQ, whose data are in a folder.

    Args:
        script: the server's start script.
        folder: is made if absent.
        port: of AMQP; None: a free one.
    """

    def __init__(self, script: Path, folder: Path, port: int | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._script = script
        self._folder = folder
        self._port = port or free_port()
        self._epmd_port = free_port()
        self._distribution_port = free_port()
        self._epmd: ServerProcess | None = None
        password = _password(folder)
        super().__init__(f"amqp://{_USER}:{password}@{LOOPBACK}:{self._port}/", folder)
        (folder / "enabled_plugins").write_text("[].\n")
        settings = {
            "listeners.tcp.1": f"{LOOPBACK}:{self._port}",
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

    async def start(self) -> None:
        """Start the node and wait until it takes connections.

        Raises:
            ServerStartError: it does not start; the message shows its log.
        """
        if self.process is not None:
            raise ServerStartError("RabbitMQ is running already")
        environment = self._environment(self._folder)
        if self._epmd is None:
            # The node would start one as a daemon, which would outlive it.
            self._epmd = await start_server(
                "epmd",
                [
                    *("epmd", "-port", str(self._epmd_port), "-address", LOOPBACK),
                    "-relaxed_command_check",
                ],
                log=self._folder / "epmd.log",
                env=environment,
            )
            await self._epmd.wait_until_ready(self._epmd_listens, seconds=_START_SECONDS)
        process = await start_server(
            "RabbitMQ", [self._script], log=self._folder / "rabbitmq.log", env=environment
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
        files = self._folder.glob("data/**/names.dets")
        return any(name.encode() in file.read_bytes() for file in files)

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
        return await ask(self._epmd_port, b"") is not None

    async def _answers(self) -> bool:
        return await answers_amqp(self._port)


def find_script() -> Path | None:
    """Return the start script of an installed RabbitMQ."""
    return next((Path(script) for script in _SCRIPTS if os.access(script, os.X_OK)), None)


def _password(folder: Path) -> str:
    """Return the password that the data were made with."""
    file = folder / "password"
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_hex(16))
    return file.read_text()
