"""A worker that cannot stop ends a moment after its grace; one that can is left alone."""

import subprocess
import sys
import time

import pytest

from ichor_worker.hard_exit import EXIT_STATUS

PROGRAM = """
import asyncio, sys, threading, time
from ichor_worker.hard_exit import exit_hard

async def main():
    stop = asyncio.Event()
    ending = asyncio.create_task(exit_hard(stop, 0.3))
    stop.set()
    await asyncio.sleep(0)
    if "loop" in sys.argv:
        time.sleep(60)
    if "thread" in sys.argv:
        threading.Thread(target=time.sleep, args=[60]).start()

asyncio.run(main())
"""


@pytest.mark.parametrize(
    ("stuck", "status"), [("loop", EXIT_STATUS), ("thread", EXIT_STATUS), ("nothing", 0)]
)
def test_the_process_ends(stuck, status):
    started = time.monotonic()
    ran = subprocess.run([sys.executable, "-c", PROGRAM, stuck], check=False, timeout=20)
    assert ran.returncode == status
    assert time.monotonic() - started < 15
