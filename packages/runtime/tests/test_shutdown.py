import asyncio
import os
import signal
import subprocess
import sys

import pytest

from ichor_runtime.shutdown import stop_signals


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_the_first_signal_sets_the_event(number):
    with stop_signals() as stop:
        assert not stop.is_set()
        os.kill(os.getpid(), number)
        await asyncio.wait_for(stop.wait(), 5)


PROCESS = """
import asyncio
from ichor_runtime.shutdown import run

async def main(stop):
    print("started", flush=True)
    await stop.wait()
    print("stopping", flush=True)
    await {last}
    print("stopped", flush=True)

run(main)
"""


def start(last: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", PROCESS.format(last=last)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "started\n"
    return process


def test_a_process_ends_in_order_at_the_first_signal():
    with start("asyncio.sleep(0)") as process:
        process.terminate()
        out, _ = process.communicate(timeout=20)
    assert out == "stopping\nstopped\n"
    assert process.returncode == 0


def test_a_process_ends_at_once_at_the_second_signal():
    with start("asyncio.Event().wait()") as process:
        process.terminate()
        assert process.stdout is not None
        assert process.stdout.readline() == "stopping\n"
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=20)
    assert out == ""
    assert process.returncode == 128 + signal.SIGINT
