"""The inventory service of the examples, as the demo runs it: a system outside the engine."""

import sys

import asyncpg

from ichor_core import exact_json

COMMAND = (sys.executable, "-m", "examples.inventory_service")
NAME = "inventory-service"
IS_READY = "Consuming"
"""What its log says once it takes requests."""
STOCK = {"chair": 40, "cup": 24, "desk": 10, "lamp": 20}

_THINK_SECONDS = 0.4


def settings(dsn: str) -> dict[str, str]:
    """Return its own environment variables, its stock left out.

    Args:
        dsn: of its own database.
    """
    return {
        "INVENTORY_DATABASE_URL": dsn,
        "INVENTORY_THINK_SECONDS": str(_THINK_SECONDS),
    }


def stock_settings() -> dict[str, str]:
    """Return the variable with which its first start fills its tables."""
    return {"INVENTORY_STOCK": exact_json.encode(STOCK).decode()}


async def describe_stock(dsn: str) -> list[str]:
    """Return what its tables say: what is left, and what it has answered."""
    connection = await asyncpg.connect(dsn)
    try:
        left = await connection.fetch("SELECT sku, available FROM inventory.stock ORDER BY sku")
        answers = await connection.fetch(
            "SELECT order_id, answer->>'status' AS status FROM inventory.reservations "
            "ORDER BY answered_at"
        )
    finally:
        await connection.close()
    stock = ", ".join(f"{row['available']} of {STOCK[row['sku']]} {row['sku']}s" for row in left)
    reservations = "; ".join(f"order {row['order_id']} {row['status']}" for row in answers)
    return [f"stock of the inventory service: {stock}", f"its answers: {reservations}"]
