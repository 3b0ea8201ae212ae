"""Collects the evidence from a system that is whole again."""

import asyncio
from datetime import datetime

import httpx2

from ichor_core.contract import TERMINAL_STATUSES
from ichor_runtime.amqp import open_channel
from tests.chaos.database_evidence import read_database, read_inventory
from tests.chaos.evidence import Database, Evidence, Request, Shown
from tests.chaos.load import Load
from tests.chaos.log_signs import count_signs
from tests.chaos.system import STOCK, TOPOLOGY, System
from tests.chaos.temporal_evidence import read_workflows, what_it_waits_for

_AT_A_TIME = 8
_TRIES = 20
_PAUSE_SECONDS = 0.5


async def collect(system: System, load: Load) -> Evidence:
    """Read everything: databases, API, Temporal, broker, and what arrived outside.

    An execution may end just now, and its workflow closes after its end is recorded; then all is
    read again.
    """
    for _ in range(_TRIES - 1):
        evidence = await _collect_once(system, load)
        if not _is_closing(evidence) and await _database(system) == evidence.database:
            return evidence
        await asyncio.sleep(_PAUSE_SECONDS)
    return await _collect_once(system, load)


def _is_closing(evidence: Evidence) -> bool:
    """Say whether a workflow still runs although its execution has ended."""
    running = {one.workflow_id for one in evidence.workflows if one.status == "running"}
    return any(
        one.workflow_id in running and one.status in TERMINAL_STATUSES
        for one in evidence.database.executions
    )


async def _database(system: System) -> Database:
    connection = await system.connect(system.dsn)
    try:
        return await read_database(connection)
    finally:
        await connection.close()


async def _collect_once(system: System, load: Load) -> Evidence:
    database = await _database(system)
    connection = await system.connect(system.inventory_dsn)
    try:
        inventory = await read_inventory(connection, STOCK)
    finally:
        await connection.close()
    return Evidence(
        sent=tuple(load.sent),
        rules=dict(system.rules),
        database=database,
        inventory=inventory,
        mails=tuple(system.mail.mails),
        requests=tuple(Request(call.path, call.key) for call in system.target.calls),
        shown=await read_api(system, [one.id for one in database.executions]),
        workflows=await read_workflows(await system.temporal_client()),
        decided=tuple(load.decided),
        dead_letters=await _dead_letters(system),
        refused=tuple(load.refused),
        crashes=tuple(one for service in system.services.values() for one in service.crashes),
        late=tuple(one for service in system.services.values() for one in service.late),
        signs={name: count_signs(service.log) for name, service in system.services.items()},
    )


async def read_api(system: System, executions: list[str]) -> dict[str, Shown]:
    """Return what the API says of executions; of those that run, what they wait for."""
    client = await system.temporal_client()
    gate = asyncio.Semaphore(_AT_A_TIME)
    async with httpx2.AsyncClient(trust_env=False, timeout=60, verify=False) as http:

        async def read(execution_id: str) -> Shown:
            async with gate:
                answer = await http.get(f"{system.api}/executions/{execution_id}")
            if answer.status_code != 200:
                return Shown(f"answer {answer.status_code}", {})
            document = answer.json()
            actions = {one["name"]: one["status"] for one in document["actions"]}
            waits_for, since = "", 0.0
            if document["status"] not in TERMINAL_STATUSES:
                open_now = [
                    one for one in document["actions"] if one["status"] in ("running", "unknown")
                ]
                going_on = [f"{one['type']} is {one['status']}" for one in open_now]
                begun = [one["started_at"] for one in open_now if one["started_at"]]
                if begun:
                    since = datetime.fromisoformat(min(begun)).timestamp()
                server = "no workflow yet"
                if document["workflow_id"] and document["status"] == "running":
                    server = await what_it_waits_for(client, document["workflow_id"])
                waits_for = f"{', '.join(going_on) or 'no action runs'}; Temporal: {server}"
            return Shown(document["status"], actions, waits_for, since)

        shown = await asyncio.gather(*map(read, executions))
    return dict(zip(executions, shown, strict=True))


async def _dead_letters(system: System) -> int:
    async with open_channel(system.servers.rabbitmq.url, "chaos") as channel:
        dead = await channel.declare_queue(TOPOLOGY.dead_letters, passive=True)
    return dead.declaration_result.message_count or 0
