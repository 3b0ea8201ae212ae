"""Whether a database can be used: it answers, and its schema is not older than this release."""

import re
from functools import cache
from importlib.resources import files

import asyncpg

from ichor_core.errors import IchorError

_SELECT_REVISION = "SELECT version_num FROM workflow.alembic_version"
_MIGRATION = re.compile(r"(\d{4})_\w+\.py")


class OutdatedSchemaError(IchorError, RuntimeError):
    """The schema is older than this release needs, or was never created."""


async def check_database(pool: asyncpg.Pool) -> None:
    """Return if the database answers and has the schema that this release needs, or a newer one.

    Raises:
        OutdatedSchemaError: it must be migrated.
        DATABASE_ERRORS: it does not answer.
    """
    needed = max(revisions())
    try:
        found: str | None = await pool.fetchval(_SELECT_REVISION)
    except asyncpg.UndefinedTableError:
        found = None
    if found is None:
        raise OutdatedSchemaError(f"no schema, {needed} is needed: {_REMEDY}")
    # One that is unknown here is of a later release: tables change forwards only.
    if found != needed and found in revisions():
        raise OutdatedSchemaError(f"schema {found} is outdated, {needed} is needed: {_REMEDY}")


_REMEDY = "run `python -m ichor_edgestore migrate`"


@cache
def revisions() -> frozenset[str]:
    """Return the revisions that this release knows, without loading Alembic."""
    scripts = files("ichor_edgestore").joinpath("migrations", "versions").iterdir()
    return frozenset(found[1] for file in scripts if (found := _MIGRATION.fullmatch(file.name)))
