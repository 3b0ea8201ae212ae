"""``python -m examples.inventory_service``: settings are AMQP_URL and INVENTORY_DATABASE_URL."""

import asyncio
import json
import os
import signal

import aio_pika
import asyncpg

from examples.inventory_service.logs import configure_logging
from examples.inventory_service.service import InventoryService
from examples.inventory_service.stock import create_tables, put_stock
from examples.inventory_service.tracing import tracing


async def main() -> None:
    """Run until told to stop (SIGTERM, SIGINT)."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    prefix = os.environ.get("AMQP_PREFIX", "ichor")
    think = float(os.environ.get("INVENTORY_THINK_SECONDS", "1"))
    async with asyncpg.create_pool(os.environ["INVENTORY_DATABASE_URL"], min_size=1) as pool:
        await create_tables(pool)
        await put_stock(pool, json.loads(os.environ.get("INVENTORY_STOCK", "{}")))
        connection = await aio_pika.connect_robust(
            os.environ["AMQP_URL"], client_properties={"connection_name": "inventory-service"}
        )
        async with connection:
            await InventoryService(pool, prefix=prefix, think=think).run(connection, stop)


if __name__ == "__main__":
    configure_logging()
    with tracing():
        asyncio.run(main())
