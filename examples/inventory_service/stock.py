"""Reserves stock in tables of its own, once for each request."""

import json
import uuid
from typing import Any

import asyncpg

_SCHEMA = """
    CREATE SCHEMA IF NOT EXISTS inventory;
    CREATE TABLE IF NOT EXISTS inventory.stock (
        sku text PRIMARY KEY,
        available integer NOT NULL CHECK (available >= 0)
    );
    CREATE TABLE IF NOT EXISTS inventory.reservations (
        request_id text PRIMARY KEY,
        order_id text NOT NULL,
        answer jsonb NOT NULL,
        answered_at timestamptz NOT NULL DEFAULT now()
    );"""
_LOCK_REQUEST = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"
_FIND = "SELECT answer FROM inventory.reservations WHERE request_id = $1"
_KEEP = "INSERT INTO inventory.reservations (request_id, order_id, answer) VALUES ($1, $2, $3)"
_LOCK_STOCK = """
    SELECT sku, available FROM inventory.stock WHERE sku = ANY($1) ORDER BY sku FOR UPDATE"""
_TAKE = "UPDATE inventory.stock SET available = available - $2 WHERE sku = $1"
_PUT = """
    INSERT INTO inventory.stock (sku, available) VALUES ($1, $2)
    ON CONFLICT (sku) DO UPDATE SET available = excluded.available"""


async def create_tables(pool: asyncpg.Pool) -> None:
    """Create the tables that are not there."""
    await pool.execute(_SCHEMA)


async def put_stock(pool: asyncpg.Pool, stock: dict[str, int]) -> None:
    """Set what is available of these articles."""
    await pool.executemany(_PUT, list(stock.items()))


async def reserve(pool: asyncpg.Pool, request_id: str, asked: dict[str, Any]) -> dict[str, Any]:
    """Reserve what is asked, or say that there is too little; the same request, the same answer.

    Args:
        pool: connections.
        request_id: under which this happens once.
        asked: the payload of an `allocate_inventory` request.

    Returns:
        The result of an `allocate_inventory` reply.
    """
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(_LOCK_REQUEST, request_id)
        known = await connection.fetchval(_FIND, request_id)
        if known is not None:
            return json.loads(known)
        wanted = {item["sku"]: int(item["quantity"]) for item in asked["items"]}
        rows = await connection.fetch(_LOCK_STOCK, list(wanted))
        answer = decide(
            wanted, {row["sku"]: row["available"] for row in rows}, partial=asked["allow_partial"]
        )
        taken = [(line["sku"], line["allocated"]) for line in answer["allocations"]]
        await connection.executemany(_TAKE, [line for line in taken if line[1]])
        await connection.execute(_KEEP, request_id, asked["order_id"], json.dumps(answer))
        return answer


def decide(wanted: dict[str, int], available: dict[str, int], *, partial: bool) -> dict[str, Any]:
    """Say what can be reserved.

    Args:
        wanted: quantity by article.
        available: the same; what is not listed is not there.
        partial: whether less than all may be reserved.
    """
    there = {sku: min(quantity, available.get(sku, 0)) for sku, quantity in wanted.items()}
    if there == wanted:
        status = "allocated"
    elif partial and any(there.values()):
        status = "partial"
    else:
        status, there = "insufficient", dict.fromkeys(wanted, 0)
    return {
        "status": status,
        "allocations": [
            {"sku": sku, "requested": quantity, "allocated": there[sku]}
            for sku, quantity in wanted.items()
        ],
        "reservation_id": None if status == "insufficient" else str(uuid.uuid4()),
    }
