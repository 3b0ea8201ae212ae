"""Health of this completer."""

from typing import Protocol

import asyncpg
from temporalio.client import Client

from ichor_edgestore.database import check_database
from ichor_runtime.errors import UnhealthyError
from ichor_runtime.health import Check
from ichor_runtime.temporal import check_temporal


class Consumer(Protocol):
    """Consumes replies."""

    async def check(self) -> None:
        """Raise unless replies are consumed."""
        ...


class CompleterHealth:
    """The parts of a completer as they come up; a part that is not up yet is unhealthy."""

    def __init__(self) -> None:
        self.pool: asyncpg.Pool | None = None
        self.client: Client | None = None
        self.consumer: Consumer | None = None

    @property
    def checks(self) -> list[Check]:
        """The checks of readiness."""
        return [
            Check("database", self._database),
            Check("temporal", self._temporal),
            Check("replies", self._replies),
        ]

    async def probe(self) -> None:
        """Raise unless replies can be reported: Temporal and the database are up."""
        await self._temporal()
        await self._database()

    async def _database(self) -> None:
        if self.pool is None:
            raise UnhealthyError("not connected yet")
        await check_database(self.pool)

    async def _temporal(self) -> None:
        if self.client is None:
            raise UnhealthyError("not connected yet")
        await check_temporal(self.client)

    async def _replies(self) -> None:
        if self.consumer is None:
            raise UnhealthyError("not connected yet")
        await self.consumer.check()
