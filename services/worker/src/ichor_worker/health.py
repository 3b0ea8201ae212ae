"""Health of this worker."""

import asyncpg
from temporalio.client import Client
from temporalio.worker import Worker

from ichor_edgestore.database import check_database
from ichor_runtime.amqp import AmqpRequestPublisher
from ichor_runtime.errors import UnhealthyError
from ichor_runtime.health import Check
from ichor_runtime.temporal import check_temporal


class WorkerHealth:
    """The parts of a worker as they come up; a part that is not up yet is unhealthy."""

    def __init__(self) -> None:
        self.pool: asyncpg.Pool | None = None
        self.client: Client | None = None
        self.worker: Worker | None = None
        self.publisher: AmqpRequestPublisher | None = None
        """None where no broker is configured."""

    @property
    def checks(self) -> list[Check]:
        """The checks of readiness."""
        return [
            Check("database", self._database),
            Check("temporal", self._temporal),
            Check("worker", self._worker),
            Check("rabbitmq", self._rabbitmq, required=False),
        ]

    async def _database(self) -> None:
        if self.pool is None:
            raise UnhealthyError("not connected yet")
        await check_database(self.pool)

    async def _temporal(self) -> None:
        if self.client is None:
            raise UnhealthyError("not connected yet")
        await check_temporal(self.client)

    async def _worker(self) -> None:
        if self.worker is None or not self.worker.is_running:
            raise UnhealthyError("does not poll for work")

    async def _rabbitmq(self) -> None:
        if self.publisher is not None:
            await self.publisher.check()
