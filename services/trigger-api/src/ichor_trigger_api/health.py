"""Readiness checks of the processes."""

import asyncpg
from temporalio.client import Client

from ichor_runtime.health import Check
from ichor_runtime.temporal import check_temporal


def checks(pool: asyncpg.Pool, client: Client, *, starts_only: bool = False) -> list[Check]:
    """Return the checks that readiness depends on.

    Args:
        pool: asks whether the database is there and migrated.
        client: asks for the namespace.
        starts_only: the process only starts workflows, so it needs Temporal; one that also accepts
            events is merely degraded without.
    """

    async def ask_database() -> None:
        await pool.fetchval("SELECT max(version_num) FROM workflow.alembic_version")

    return [
        Check("database", ask_database),
        Check("temporal", lambda: check_temporal(client), required=starts_only),
    ]
