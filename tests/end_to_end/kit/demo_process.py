"""The demo as a process of its own, and what is left of it."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from ichor_devstack.ports import LOOPBACK

ROOT = Path(__file__).parents[3]


class DemoProcess:
    """A running demo."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.output = ""

    async def read_until(self, text: str) -> str:
        """Read until a line holds the text, and return that line."""
        assert self.process.stdout is not None
        while line := (await self.process.stdout.readline()).decode():
            self.output += line
            if text in line:
                return line.strip()
        raise AssertionError(f"the demo ended without {text!r}\n{self.output}")

    async def end(self) -> int:
        """Read the rest of the output and return the exit code."""
        assert self.process.stdout is not None
        self.output += (await self.process.stdout.read()).decode()
        return await self.process.wait()

    async def leftovers(self) -> list[str]:
        """Return what is left: processes of its session, ports that it named and that answer."""
        processes = processes_of_session(self.process.pid).values()
        ports = [port for port in ports_in(self.output) if await is_open(int(port))]
        return [*processes, *ports]


@asynccontextmanager
async def demo_process(
    logs: Path, *arguments: str, prelude: str = "", **variables: str
) -> AsyncGenerator[DemoProcess]:
    """Run the demo, in a session of its own by which its processes are found.

    Args:
        logs: the folder for the logs of its processes.
        arguments: of its command line.
        prelude: Python code to run in its process before it; empty: it runs as ``-m demo``.
        variables: of its environment.
    """
    program = ["-m", "demo"]
    if prelude:
        program = ["-c", f"{prelude}\nfrom demo.__main__ import main\nraise SystemExit(main())"]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *(*program, "--logs", logs, *arguments),
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1", **variables},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        yield DemoProcess(process)
    finally:
        if process.returncode is None:
            process.terminate()
            await process.communicate()


def processes_of_session(session: int) -> dict[int, str]:
    """Return the command lines of the processes of a session, by process id."""
    found: dict[int, str] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            command = (folder / "cmdline").read_text().replace("\0", " ")
            # One that has ended, and that nobody has waited for yet, has no command line.
            if int(fields[3]) == session and command:
                found[int(folder.name)] = command
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended while it was being looked at
    return found


def ports_in(text: str) -> list[str]:
    """Return the ports of this machine that a text names."""
    return sorted(set(re.findall(rf"{re.escape(LOOPBACK)}:(\d+)", text)))


async def is_open(port: int) -> bool:
    """Say whether something listens on a port."""
    try:
        _, writer = await asyncio.open_connection(LOOPBACK, port)
    except ConnectionRefusedError:
        return False
    writer.close()
    return True
