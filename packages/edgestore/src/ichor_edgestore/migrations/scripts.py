"""Runs the raw SQL that a migration consists of."""

from importlib.resources import files
from typing import Any

import asyncpg
from alembic import op


def run_script(name: str) -> None:
    """Run a file of SQL statements from `versions/` in the migration's transaction."""
    script = (
        files("ichor_edgestore.migrations").joinpath("versions", name).read_text(encoding="utf-8")
    )
    # The driver's own connection: it takes many statements at once, and no colon is a parameter.
    connection: Any = op.get_bind().connection.dbapi_connection

    async def run(driver: asyncpg.Connection) -> None:
        await driver.execute(script)

    connection.run_async(run)
