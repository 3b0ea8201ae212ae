import asyncio
import sys

import asyncpg
import pytest

from ichor_devstack.postgres import PostgresServer
from ichor_edgestore.cli import main
from ichor_edgestore.database.pool import open_pool
from ichor_edgestore.migrations import LOCK_KEY, UnknownRevisionError, current, head, migrate

pytestmark = pytest.mark.servers


@pytest.fixture(scope="session")
async def database_template() -> None:
    return None


async def ask(dsn: str, query: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def test_an_empty_database_gets_the_schema_and_a_second_time_changes_nothing(
    database: str,
) -> None:
    assert await current(database) is None
    assert await migrate(database) == head()
    assert await current(database) == head()
    rules = "INSERT INTO workflow.automation_rules (id, name, trigger_entity, trigger_event) "
    await ask(database, rules + "VALUES (gen_random_uuid(), 'kept', 'orders', 'on_create')")
    assert await migrate(database) == head()
    assert await ask(database, "SELECT name FROM workflow.automation_rules") == "kept"


async def test_callers_at_the_same_time_wait_for_each_other(
    database: str, postgres_server: PostgresServer
) -> None:
    other = await postgres_server.create_database()
    program = [sys.executable, "-m", "ichor_edgestore", "migrate", "--dsn", database]
    processes = [
        await asyncio.create_subprocess_exec(
            *program, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        for _ in range(2)
    ]
    await asyncio.gather(migrate(database), migrate(other), migrate(database), migrate(other))
    for process in processes:
        output, _ = await process.communicate()
        assert process.returncode == 0, output.decode()
    assert await current(database) == head()
    assert await current(other) == head()
    await postgres_server.drop_database(other)


async def test_a_migration_waits_for_the_lock(database: str) -> None:
    waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    holder = await asyncpg.connect(database)
    await holder.execute(f"SELECT pg_advisory_lock({LOCK_KEY})")
    task = asyncio.create_task(migrate(database))
    while not await ask(database, waiting):
        assert not task.done()
    assert await current(database) is None
    await holder.close()
    assert await task == await current(database)


async def test_a_migration_that_fails_leaves_nothing_behind(database: str) -> None:
    await ask(database, "CREATE SCHEMA workflow")
    await ask(database, "CREATE TABLE workflow.executions (in_the_way text)")
    with pytest.raises(asyncpg.DuplicateTableError):
        await migrate(database)
    tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'workflow'"
    assert await ask(database, tables) == 1


async def test_a_newer_database_is_refused(database: str) -> None:
    await migrate(database)
    await ask(database, "UPDATE workflow.alembic_version SET version_num = '9999'")
    with pytest.raises(UnknownRevisionError, match="9999"):
        await migrate(database)


async def test_every_column_that_refers_to_another_table_is_indexed(database: str) -> None:
    await migrate(database)
    pool = await open_pool(database)
    missing = await pool.fetch("""
        SELECT conrelid::regclass::text, conname FROM pg_constraint c
        WHERE contype = 'f' AND NOT EXISTS (
            SELECT FROM pg_index i WHERE i.indrelid = c.conrelid
            AND (i.indkey::int2[])[0:cardinality(c.conkey) - 1] @> c.conkey
        )
    """)
    assert missing == []
    await pool.close()


class TestCommandLine:
    @pytest.fixture(autouse=True)
    def no_database(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("DATABASE_URL", raising=False)
        monkeypatch.delenv("DATABASE_URL_FILE", raising=False)

    async def run(self, *arguments: str) -> int:
        return await asyncio.to_thread(main, arguments)

    async def test_migrate_and_current(
        self, database: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert await self.run("current", "--dsn", database) == 0
        assert capsys.readouterr().out == "nothing\n"
        monkeypatch.setenv("DATABASE_URL", database)
        assert await self.run("migrate") == 0
        assert capsys.readouterr().out == f"nothing -> {head()}\n"
        assert await self.run("migrate") == 0
        assert capsys.readouterr().out == f"{head()}: nothing to do\n"
        assert await self.run("current") == 0
        assert capsys.readouterr().out == f"{head()} (newest)\n"

    async def test_the_dsn_may_be_in_a_file(
        self, database: str, capsys: pytest.CaptureFixture[str], monkeypatch, tmp_path
    ) -> None:
        file = tmp_path / "dsn"
        monkeypatch.setenv("DATABASE_URL_FILE", str(file))
        assert await self.run("current") == 2
        assert "DATABASE_URL_FILE: " in capsys.readouterr().err
        file.write_text(f"{database}\n")
        assert await self.run("current") == 0
        monkeypatch.setenv("DATABASE_URL", database)
        assert await self.run("current") == 2
        assert "set only one of them" in capsys.readouterr().err

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ([], "--dsn or DATABASE_URL must be"),
            (["--dsn", "mysql://localhost/x"], "'mysql' is not a DSN"),
            (["--dsn", "postgresql://localhost:port/x"], "invalid DSN"),
        ],
    )
    async def test_bad_input_is_explained(
        self, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert await self.run("migrate", *arguments) == 2
        assert message in capsys.readouterr().err

    async def test_a_server_that_is_not_there_is_explained(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert await self.run("migrate", "--dsn", "postgresql://nobody@127.0.0.1:1/x") == 1
        assert "database error" in capsys.readouterr().err

    async def test_an_unknown_command_is_refused(self) -> None:
        with pytest.raises(SystemExit, match="2"):
            await self.run("downgrade")
