"""Liveness and readiness."""

from collections.abc import Sequence
from typing import Any

from litestar import get

from ichor_runtime.health import Check, HealthReport, check_health
from ichor_trigger_api.http.parameters import Given
from ichor_trigger_api.http.response import ExactResponse

_NO_STORE = {"Cache-Control": "no-store"}


@get("/health/live", tags=["health"], summary="Check liveness")
async def live() -> ExactResponse[dict[str, str]]:
    """Return 200 while the process runs."""
    return ExactResponse({"status": "live"}, headers=_NO_STORE)


@get("/health/ready", tags=["health"], summary="Check readiness")
async def ready(health_checks: Given[Sequence[Check]]) -> ExactResponse[Any]:
    """Check the database and Temporal; 503 if the database is unavailable."""
    report: HealthReport = await check_health(health_checks)
    return ExactResponse(report, status_code=report.http_status, headers=_NO_STORE)
