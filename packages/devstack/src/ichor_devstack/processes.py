"""Child processes of which nothing survives."""

import asyncio
import contextlib
import os
import shutil
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from pwd import struct_passwd
from typing import Any

from ichor_core.errors import IchorError

LOG_TAIL_LINES = 20
_POLL_SECONDS = 0.02
_STOP_SECONDS = 15.0


class ServerStartError(IchorError, RuntimeError):
    """A server did not start; the message ends with the last lines of its log."""


class NotInstalledError(ServerStartError):
    """The program of a server is not there; the message says how to get it."""


class ServerProcess:
    """A running server, alone in its process group, with its output in a log file."""

    def __init__(
        self, name: str, process: asyncio.subprocess.Process, log: Path, stop_signal: signal.Signals
    ) -> None:
        self._name = name
        self._process = process
        self._log = log
        self._stop_signal = stop_signal

    @property
    def pid(self) -> int:
        """The process id, which is also the id of the process group."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether the process has not ended."""
        return self._process.returncode is None

    @property
    def returncode(self) -> int | None:
        """The exit code, negative for a signal; None while the process runs."""
        return self._process.returncode

    async def wait_until_ready(
        self, is_ready: Callable[[], Awaitable[bool]], *, seconds: float
    ) -> None:
        """Ask until the server answers; a server that does not is killed.

        Raises:
            ServerStartError: it ended, or did not answer within `seconds`.
        """
        try:
            async with asyncio.timeout(seconds):
                while not await is_ready():
                    if not self.is_running:
                        raise self._start_error(f"ended with {self._process.returncode}")
                    await asyncio.sleep(_POLL_SECONDS)
        except TimeoutError:
            await self.kill()
            raise self._start_error(f"did not answer within {seconds:g} s") from None
        except BaseException:
            await self.kill()
            raise

    async def stop(self) -> None:
        """End the process in its own way; kill it if it takes too long."""
        if self.is_running:
            _signal(os.kill, self.pid, self._stop_signal)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_STOP_SECONDS):
                    await self._process.wait()
        await self.kill()

    async def kill(self) -> None:
        """End the process and its group at once, as a crash does (SIGKILL)."""
        _signal(os.killpg, self.pid, signal.SIGKILL)
        await self._process.wait()

    def _start_error(self, what: str) -> ServerStartError:
        return ServerStartError(f"{self._name} {what}; see {self._log}\n{log_tail(self._log)}")


async def start_server(  # noqa: PLR0913 - all but two by name
    name: str,
    command: Sequence[str | Path],
    *,
    log: Path,
    stop_signal: signal.Signals = signal.SIGTERM,
    account: struct_passwd | None = None,
    env: Mapping[str, str] | None = None,
) -> ServerProcess:
    """Start a program as a server; its output is added to `log`.

    Args:
        name: what messages call it.
        command: the program and its arguments.
        log: a file for standard output and standard error.
        stop_signal: what asks it to end.
        account: the user it runs as; None: as this process.
        env: its environment; None: that of this process.

    Raises:
        ServerStartError: the program cannot be executed.
    """
    with log.open("ab") as output:
        try:
            process = await asyncio.create_subprocess_exec(
                *_ends_with_parent(stop_signal),
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                process_group=0,
                env=env,
                **_identity(account),
            )
        except OSError as error:
            raise ServerStartError(f"{name} cannot be started: {error}") from error
    return ServerProcess(name, process, log, stop_signal)


async def run_program(
    name: str,
    command: Sequence[str | Path],
    *,
    account: struct_passwd | None = None,
    env: Mapping[str, str] | None = None,
) -> None:
    """Run a program to its end.

    Raises:
        ServerStartError: it cannot be executed, or fails; the message holds its output.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=env,
            start_new_session=True,
            **_identity(account),
        )
    except OSError as error:
        raise ServerStartError(f"{name} cannot be started: {error}") from error
    try:
        output, _ = await process.communicate()
    except asyncio.CancelledError:
        # With the processes that it started: they would go on writing where all is removed.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
        raise
    if process.returncode:
        text = _tail(output.decode(errors="replace"))
        raise ServerStartError(f"{name} failed with {process.returncode}\n{text}")


def log_tail(log: Path) -> str:
    """Return the last lines of a log file; empty where there is none."""
    return _tail(log.read_text(errors="replace")) if log.exists() else ""


def _tail(text: str) -> str:
    return "\n".join(text.splitlines()[-LOG_TAIL_LINES:])


def _identity(account: struct_passwd | None) -> dict[str, Any]:
    if account is None:
        return {}
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _ends_with_parent(stop_signal: signal.Signals) -> list[str]:
    """Return a prefix with which the server ends even if this process is killed (Linux)."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", stop_signal.name.removeprefix("SIG"), "--"] if setpriv else []


def _signal(send: Callable[[int, int], None], target: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        send(target, number)
