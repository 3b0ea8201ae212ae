"""What the processes say of themselves while something that they need is away."""

import asyncio
from typing import Any

import pytest

from tests.end_to_end.kit.command import POLL_SECONDS, Command
from tests.end_to_end.kit.installation import Installation

pytestmark = pytest.mark.servers


async def says(service: Command, http_status: int, *failed: str) -> dict[str, Any]:
    """Wait until readiness has this status and names exactly these checks as failed."""
    while True:
        status, report = await service.health("ready")
        checks: Any = report["checks"]
        found = {name for name, check in checks.items() if check["status"] == "failed"}
        if (status, found) == (http_status, set(failed)):
            return report
        await asyncio.sleep(POLL_SECONDS)


async def test_postgresql_is_away(ichor: Installation):
    """Neither service is of use without it; both live, and come back by themselves."""
    if ichor.postgres.process is None:
        pytest.skip("DATABASE_URL names a server that is not ours to stop")
    await ichor.stop_postgres()
    for service in (ichor.worker, ichor.api):
        await says(service, 503, "database")
        assert (await service.health("live"))[0] == 200
    refused = await ichor.ask("GET", "/rules")
    assert refused.status_code == 503
    assert refused.headers["content-type"] == "application/problem+json"

    await ichor.start_postgres()

    for service in (ichor.worker, ichor.api):
        await says(service, 200)
    assert (await ichor.ask("GET", "/rules")).status_code == 200


async def test_temporal_is_away(ichor: Installation):
    """The worker is of no use without it; the API accepts events all the same, and says so."""
    await ichor.temporal.stop()

    await says(ichor.worker, 503, "temporal")
    report = await says(ichor.api, 200, "temporal")
    assert report["degraded"] == ["temporal"]
    for service in (ichor.worker, ichor.api):
        assert (await service.health("live"))[0] == 200

    await ichor.temporal.start()

    for service in (ichor.worker, ichor.api):
        await says(service, 200)
