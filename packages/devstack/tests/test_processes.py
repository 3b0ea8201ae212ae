import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from ichor_devstack.processes import ServerStartError, run_program, start_server


async def never() -> bool:
    return False


async def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ServerStartError, match=r"Thing cannot be started.*no-such-program"):
        await run_program("Thing", [tmp_path / "no-such-program"])


async def test_a_server_that_ends_early_shows_its_log(tmp_path: Path) -> None:
    program = [sys.executable, "-c", "print('the port is taken'); raise SystemExit(3)"]
    process = await start_server("Thing", program, log=tmp_path / "log")
    with pytest.raises(ServerStartError, match=r"(?s)Thing ended with 3.*the port is taken"):
        await process.wait_until_ready(never, seconds=30)


async def test_a_server_that_does_not_answer_is_killed(tmp_path: Path) -> None:
    program = [sys.executable, "-c", "import signal; signal.pause()"]
    process = await start_server("Thing", program, log=tmp_path / "log")
    with pytest.raises(ServerStartError, match="did not answer within"):
        await process.wait_until_ready(never, seconds=0.1)
    assert not process.is_running


async def test_stopping_also_ends_what_the_server_started(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    program = (
        "import pathlib, signal, subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()'])\n"
        f"pathlib.Path({str(ready)!r}).write_text(str(child.pid))\n"
        "signal.pause()\n"
    )
    process = await start_server("Thing", [sys.executable, "-c", program], log=tmp_path / "log")

    async def is_ready() -> bool:
        return ready.exists() and ready.read_text() != ""

    await process.wait_until_ready(is_ready, seconds=30)
    child = int(ready.read_text())
    assert is_alive(child)
    await process.stop()
    assert not process.is_running
    async with asyncio.timeout(30):
        while is_alive(child):
            await asyncio.sleep(0.01)


async def test_a_failing_program_shows_its_output() -> None:
    program = [sys.executable, "-c", "print('bad locale'); raise SystemExit(1)"]
    with pytest.raises(ServerStartError, match=r"(?s)initdb failed with 1.*bad locale"):
        await run_program("initdb", program)


def is_alive(pid: int) -> bool:
    """Zombies count as ended: nobody may be there to collect them."""
    try:
        os.kill(pid, signal.SIG_DFL)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
