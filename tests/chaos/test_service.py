"""A process under its supervisor: what was asked for is no crash, and what was not is noted."""

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.chaos import service as module
from tests.chaos.part import until
from tests.chaos.service import Service

pytestmark = pytest.mark.timeout(60)

PATIENT = "import time\nprint('up', flush=True)\ntime.sleep(60)"
DEAF = f"import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n{PATIENT}"
SHORT = "print('up', flush=True)\nraise SystemExit(3)"


class Running:
    """Services that are killed at the end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.services: list[Service] = []

    async def __call__(self, code: str) -> Service:
        arguments = ["python", "-c", code]
        one = Service("it", arguments, {}, self.folder, ready_line="up")
        self.services.append(one)
        await one.start()
        assert await until(one.is_ready, 30)
        return one


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    one = Running(tmp_path)
    yield one
    for service in one.services:
        await service.crash()


async def test_killed_and_started_again_it_is_ready_again_and_has_not_crashed(running: Running):
    one = await running(PATIENT)

    await one.crash()
    assert not await one.is_ready()
    await one.start()

    assert await until(one.is_ready, 30)
    assert (one.crashes, one.late) == ([], [])


async def test_an_end_by_itself_is_noted_and_it_is_started_again(
    running: Running, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "RESTART_SECONDS", 0.01)
    one = Service("it", ["python", "-c", SHORT], {}, running.folder, ready_line="up")
    running.services.append(one)
    await one.start()

    async def twice() -> bool:
        return len(one.crashes) >= 2

    assert await until(twice, 30)
    assert {found.why for found in one.crashes} == {"ended by itself with 3"}
    assert "up" in one.crashes[0].log


async def test_one_that_does_not_heed_sigterm_is_killed_and_noted(
    running: Running, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "END_SECONDS", 0.1)
    one = await running(DEAF)

    await one.end()

    assert not await one.is_ready()
    assert [found.process for found in one.late] == ["it"]
    assert one.crashes == []


async def test_an_end_with_an_error_is_noted(running: Running):
    one = await running(PATIENT)  # Python's own answer to SIGTERM is to die of it

    await one.end()

    assert [found.why for found in one.late] == ["ended with -15 after SIGTERM"]


async def test_frozen_it_goes_on_afterwards(running: Running):
    one = await running(PATIENT)

    one.signal(signal.SIGSTOP)
    one.signal(signal.SIGCONT)
    await asyncio.sleep(0)

    assert await one.is_ready()
