"""Any process or server is killed (SIGKILL): the others stay, say the truth, and all recover.

API, relay, worker and completer are processes of their own, under a light load all the while.
"""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx2
import pytest

from ichor_devstack.postgres import PostgresServer
from ichor_devstack.rabbitmq import rabbitmq
from ichor_devstack.temporal import temporal
from ichor_runtime.amqp import open_channel
from tests.end_to_end.kit.command import Command
from tests.end_to_end.kit.gated_target import gated_target
from tests.end_to_end.kit.installation import Document, Installation
from tests.end_to_end.kit.orders import TOPOLOGY, until
from tests.end_to_end.kit.separate_processes import STOCK, SeparateProcesses

pytestmark = [pytest.mark.servers, pytest.mark.timeout(600)]

PART_SECONDS = 120
"""A bound, so that the traceback shows what is waited for in vain."""
BEFORE, MEANWHILE = 4, 2
"""Events that are sent right before something is killed, and while it is away."""

NOT_READY, DEGRADED = 503, 200
SAID = {
    "postgresql": {
        "trigger-api": (NOT_READY, "database"),
        "relay": (NOT_READY, "database"),
        "worker": (NOT_READY, "database"),
        "async-completer": (NOT_READY, "database"),
    },
    "temporal": {
        "trigger-api": (DEGRADED, "temporal"),
        "relay": (NOT_READY, "temporal"),
        "worker": (NOT_READY, "temporal"),
        "async-completer": (NOT_READY, "temporal"),
    },
    "rabbitmq": {
        "worker": (DEGRADED, "rabbitmq"),
        "async-completer": (NOT_READY, "replies"),
    },
}
"""Status and failed check, by what is away and who is asked; anybody else stays ready."""
MAY_FAIL_TOO = {"async-completer": ("replies",)}
"""A completer that holds a reply in hand while it cannot report it has stopped consuming."""


@pytest.fixture
async def separate(
    tmp_path: Path, postgres_server: PostgresServer
) -> AsyncIterator[SeparateProcesses]:
    async with AsyncExitStack() as stack:
        broker = await stack.enter_async_context(rabbitmq(tmp_path / "rabbitmq"))
        target = await stack.enter_async_context(gated_target())
        file = tmp_path / "temporal.sqlite"
        engine = await stack.enter_async_context(temporal(db_filename=file))
        ichor = Installation(tmp_path, target, engine, durable=True)
        await ichor.open()
        stack.push_async_callback(ichor.close)
        if broker.process is None or ichor.postgres.process is None:
            pytest.skip("AMQP_URL or DATABASE_URL names a server that is not ours to kill")
        elsewhere = await postgres_server.create_database()
        stack.push_async_callback(postgres_server.drop_database, elsewhere)
        separate = SeparateProcesses(ichor, broker, elsewhere)
        stack.push_async_callback(separate.end)
        await separate.begin()
        yield separate


async def test_each_in_turn(separate: SeparateProcesses):
    async with separate.deciding():
        await separate.post_some(BEFORE)
        await until(separate.undecided)
        for name in separate.parts:
            async with asyncio.timeout(PART_SECONDS):
                await kill_and_start(separate, name)
        separate.all_may_be_decided = True
        async with asyncio.timeout(PART_SECONDS):
            ends = await asyncio.gather(*map(separate.ichor.end_of, separate.posted))

    assert Counter(end["status"] for end in ends) == {"completed": len(ends)}
    assert len(ends) == BEFORE + (BEFORE + MEANWHILE) * len(separate.parts)
    await check_effects(separate, ends)


async def kill_and_start(separate: SeparateProcesses, name: str) -> None:
    """Kill a part under load, hear what the processes say, and start it again."""
    part = separate.parts[name]
    others = {one: it for one, it in separate.processes.items() if one != name}
    await separate.post_some(BEFORE)

    await part.kill()
    async with asyncio.TaskGroup() as clients:
        for _ in range(MEANWHILE):
            clients.create_task(separate.post())
        for other, process in others.items():
            if other in SAID.get(name, {}):
                status, failed = SAID[name][other]
                await says(process, status, {failed}, or_also=MAY_FAIL_TOO.get(other, ()))
            else:
                assert await readiness(process) == (200, set()), f"{other} without {name}"
            assert (await process.health("live"))[0] == 200, f"{other} without {name}"
            assert process.is_running, f"{other} without {name}"
        await part.start()
        for process in separate.processes.values():
            await says(process, 200, ())

    assert all(process.is_running for process in separate.processes.values())


async def readiness(process: Command) -> tuple[int, set[str]]:
    """Return the status and the checks that failed."""
    status, report = await process.health("ready")
    checks: Any = report["checks"]
    return status, {name for name, check in checks.items() if check["status"] == "failed"}


async def says(
    process: Command, status: int, failed: Collection[str], *, or_also: Collection[str] = ()
) -> None:
    """Wait until it has this status, and these checks have failed."""

    async def it_does() -> bool:
        assert process.is_running
        try:
            found = await readiness(process)
        except httpx2.TransportError:
            return False  # it has just been started
        return found[0] == status and {*failed} <= found[1] <= {*failed, *or_also}

    await until(it_does)


async def check_effects(separate: SeparateProcesses, ends: list[Document]) -> None:
    """Every effect is there, once, wherever it was."""
    results = [{action["name"]: action["result"] for action in end["actions"]} for end in ends]
    assert [result["release"]["outcome"] for result in results] == ["approved"] * len(ends)
    answers = await separate.elsewhere("SELECT answer FROM inventory.reservations")
    reservations = sorted(json.loads(answer)["reservation_id"] for answer in answers)
    assert sorted(result["reserve"]["reservation_id"] for result in results) == reservations
    assert await separate.elsewhere("SELECT available FROM inventory.stock") == [STOCK - len(ends)]
    written = [name.split(": ") for name in await separate.ichor.sql("SELECT name FROM steps")]
    numbers = [f"order {number}" for number in range(1, len(ends) + 1)]
    assert sorted(order for order, _ in written) == sorted(numbers)
    assert sorted(reservation for _, reservation in written) == reservations
    decisions = "SELECT count(*) FROM workflow.approval_decisions"
    assert await separate.ichor.sql(decisions) == [len(ends)]
    async with open_channel(separate.broker.url, "test") as channel:
        dead = await channel.declare_queue(TOPOLOGY.dead_letters, passive=True)
    assert dead.declaration_result.message_count == 0
