"""One check of the database for all services: it answers, and its schema fits this release."""

import pytest

from ichor_edgestore.database import OutdatedSchemaError, check_database, open_pool
from ichor_edgestore.database.schema_check import revisions
from ichor_edgestore.migrations import head, migrate

pytestmark = pytest.mark.servers
SET_REVISION = "UPDATE workflow.alembic_version SET version_num = $1"


@pytest.fixture(scope="session")
async def database_template() -> None:
    return None


def test_the_newest_revision_is_found_without_alembic():
    assert max(revisions()) == head()


async def test_a_database_is_to_be_migrated(database: str):
    async with await open_pool(database) as pool:
        with pytest.raises(OutdatedSchemaError, match=rf"no schema, {head()} is needed: run"):
            await check_database(pool)
        await migrate(database)
        await check_database(pool)
        await pool.execute(SET_REVISION, "0001")
        with pytest.raises(OutdatedSchemaError, match=rf"schema 0001 is outdated, {head()} is"):
            await check_database(pool)


async def test_the_schema_of_a_later_release_fits(database: str):
    await migrate(database)
    async with await open_pool(database) as pool:
        await pool.execute(SET_REVISION, "9999")
        await check_database(pool)
