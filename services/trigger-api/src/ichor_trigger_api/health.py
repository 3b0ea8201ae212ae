"""Whether the service lives, and whether it is of use."""

from typing import Any

from litestar import get

from ichor_runtime.health import Check, HealthReport, check_health
from ichor_runtime.temporal import check_temporal
from ichor_trigger_api.http.parameters import GivenParts
from ichor_trigger_api.http.response import ExactResponse
from ichor_trigger_api.parts import Parts

_NO_STORE = {"Cache-Control": "no-store"}


def checks(parts: Parts, *, starts_only: bool = False) -> list[Check]:
    """Return what readiness depends on.

    Events are accepted also while Temporal is away; a process that only starts workflows is then of
    no use.
    """

    async def ask_database() -> None:
        await parts.pool.fetchval("SELECT max(version_num) FROM workflow.alembic_version")

    return [
        Check("database", ask_database),
        Check("temporal", lambda: check_temporal(parts.client), required=starts_only),
    ]


@get("/health/live", tags=["health"], summary="Is the process alive?")
async def live() -> ExactResponse[dict[str, str]]:
    """Answer, if nothing else."""
    return ExactResponse({"status": "live"}, headers=_NO_STORE)


@get("/health/ready", tags=["health"], summary="Can the service be used?")
async def ready(parts: GivenParts) -> ExactResponse[Any]:
    """Check the database and Temporal; 503 where the database cannot be used."""
    report: HealthReport = await check_health(checks(parts))
    return ExactResponse(report, status_code=report.http_status, headers=_NO_STORE)
