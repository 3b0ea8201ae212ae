"""PostgreSQL of the demo: it is started again if it ends, on its port and with its data."""

import asyncio
import tempfile
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import asyncpg

from demo.kept import Kept
from ichor_core.errors import IchorError
from ichor_devstack.ports import free_port
from ichor_devstack.postgres import PostgresServer, postgres
from ichor_devstack.processes import ServerProcess, ServerStartError

_ATTEMPTS = 20
_PAUSE_SECONDS = 0.5


class DatabaseError(IchorError, RuntimeError):
    """The server that `DATABASE_URL` names does not answer."""


class Database:
    """A server that may be killed.

    Args:
        folder: of its data.
        port: where it is at every start.
        kept: None: its data go with the demo.
    """

    def __init__(self, folder: Path, port: int, kept: Kept | None) -> None:
        self._folder = folder
        self._port = port
        self._kept = kept
        self._context = AsyncExitStack()
        self.server: PostgresServer

    async def start(self) -> None:
        """Start it, or take the one that `DATABASE_URL` names.

        Raises:
            ServerStartError: it does not start.
        """
        running = postgres(self._folder, port=self._port, durable=self._kept is not None)
        self.server = await self._context.enter_async_context(running)
        if self._kept and self.server.folder:
            self._kept.is_at(self.server.folder)

    async def revive(self) -> ServerProcess:
        """Start it again after its end.

        Raises:
            ServerStartError: it does not start.
        """
        await self.stop()
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                await self.start()
                break
            except ServerStartError:
                # Backends of a server that was killed hold its memory until they notice.
                if attempt == _ATTEMPTS:
                    raise
                await asyncio.sleep(_PAUSE_SECONDS)
        assert self.server.process is not None
        return self.server.process

    async def stop(self) -> None:
        """Stop it, and what is left of its processes."""
        await self._context.aclose()

    async def open_database(self, name: str) -> str:
        """Return the DSN of a database; one of this name is kept, any other is dropped at the end.

        Raises:
            DatabaseError: the server of `DATABASE_URL` does not answer.
        """
        try:
            if self._kept is None:
                dsn = await self.server.create_database()
                self._context.push_async_callback(self._drop, dsn)
                return dsn
            return await self.server.create_database(name)
        except asyncpg.DuplicateDatabaseError:
            return self.server.dsn_of(name)
        except (OSError, asyncpg.PostgresError) as error:
            raise DatabaseError(
                f"the server of DATABASE_URL cannot be used ({error}); start it, or unset "
                "DATABASE_URL to get one of the demo's own"
            ) from error

    async def _drop(self, dsn: str) -> None:
        # One of our own ends with all it has.
        if self.server.process is None:
            await self.server.drop_database(dsn)


@asynccontextmanager
async def database(kept: Kept | None) -> AsyncGenerator[Database]:
    """Give a server that is yet to be started, and stop it at the end."""
    if kept is not None:
        given = Database(kept.folder / "postgres", kept.port("postgres"), kept)
        try:
            yield given
        finally:
            await given.stop()
        return
    with tempfile.TemporaryDirectory(prefix="ichor-pg-", ignore_cleanup_errors=True) as folder:
        given = Database(Path(folder), free_port(), None)
        try:
            yield given
        finally:
            await given.stop()
