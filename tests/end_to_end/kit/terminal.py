"""What a user types in another terminal, in the folder of the checkout."""

import asyncio
import os
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from tests.end_to_end.kit.demo_process import ROOT

_KEPT = ("HOME", "LANG", "TMPDIR")
_PATH = "/usr/local/bin:/usr/bin:/bin"


async def typed(commands: str) -> str:
    """Run commands in a shell that knows nothing of this environment; returns their output."""
    shell = await _start(commands)
    output = (await shell.communicate())[0].decode()
    assert shell.returncode == 0, f"{commands}\n{output}"
    return output


@asynccontextmanager
async def running(commands: str) -> AsyncGenerator[None]:
    """Let commands run while the context lasts; Ctrl-C must then end them well."""
    shell = await _start(commands)
    output = asyncio.create_task(shell.communicate())
    try:
        yield
        os.killpg(shell.pid, signal.SIGINT)
        text = (await output)[0].decode()
        assert shell.returncode in (0, -signal.SIGINT, 128 + signal.SIGINT), text
    finally:
        if shell.returncode is None:
            os.killpg(shell.pid, signal.SIGKILL)
            await output


async def _start(commands: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *("bash", "-euo", "pipefail", "-c", commands),
        cwd=ROOT,
        env={"PATH": _PATH} | {name: os.environ[name] for name in _KEPT if name in os.environ},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
