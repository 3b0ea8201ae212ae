"""Readiness checks of the processes."""

import asyncpg
from temporalio.client import Client

from ichor_edgestore.database import check_database
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

    return [
        Check("database", lambda: check_database(pool)),
        Check("temporal", lambda: check_temporal(client), required=starts_only),
    ]
