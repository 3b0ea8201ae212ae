"""The tables of the application whose orders the rules are about."""

from typing import Any

import asyncpg

DECLARED_TABLES: dict[str, dict[str, Any]] = {
    "public.orders": {"key": "id", "columns": ["status", "shipment_id", "partner_reference"]},
    "public.shipments": {"key": "id", "columns": ["order_id", "carrier", "reservation_id"]},
    "public.order_log": {"key": "id", "columns": ["order_id", "entry"]},
}
"""What the worker lets actions write."""

_CREATE = """
    CREATE TABLE public.orders (
        id text PRIMARY KEY,
        status text NOT NULL DEFAULT 'new',
        shipment_id bigint,
        partner_reference text
    );
    CREATE TABLE public.shipments (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        order_id text NOT NULL,
        carrier text NOT NULL,
        reservation_id text NOT NULL
    );
    CREATE TABLE public.order_log (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        order_id text NOT NULL,
        entry text NOT NULL,
        written_at timestamptz NOT NULL DEFAULT now()
    );
    INSERT INTO public.orders (id) VALUES ('1001'), ('1002'), ('1003'), ('1004')"""


async def create_tables(dsn: str) -> None:
    """Create the tables, with four new orders."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(_CREATE)
    finally:
        await connection.close()


async def describe_order(dsn: str, order_id: str) -> str:
    """Return what the tables say of an order."""
    connection = await asyncpg.connect(dsn)
    try:
        order = await connection.fetchrow("SELECT * FROM public.orders WHERE id = $1", order_id)
        entries = await connection.fetch(
            "SELECT entry FROM public.order_log WHERE order_id = $1 ORDER BY id", order_id
        )
    finally:
        await connection.close()
    if order is None:
        return f"order {order_id} is not there"
    facts = [f"order {order_id} is {order['status']}"]
    if order["shipment_id"] is not None:
        facts.append(f"shipment {order['shipment_id']}")
    if order["partner_reference"] is not None:
        facts.append(f"reference of the partner {order['partner_reference']}")
    return "; ".join(facts + [f"log: {entry['entry']}" for entry in entries])
