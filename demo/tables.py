"""The tables of the application whose orders the rules are about."""

from typing import Any

import asyncpg

DECLARED_TABLES: dict[str, dict[str, Any]] = {
    "public.orders": {"key": "id", "columns": ["status", "shipment_id", "partner_reference"]},
    "public.shipments": {"key": "id", "columns": ["order_id", "carrier", "reservation_id"]},
    "public.order_log": {"key": "id", "columns": ["order_id", "entry"]},
    "public.samples": {
        "key": "id",
        "columns": [
            *("name", "whole", "big", "price", "ratio", "truth", "note", "short", "code", "uid"),
            *("day", "at", "local_time", "moment", "span", "document", "tags", "numbers"),
            *("mood", "positive"),
        ],
    },
}
"""What the worker lets actions write. `public.samples` has a column of each common type, to try."""

_SAMPLES = """
    CREATE TYPE public.mood AS ENUM ('sad', 'ok', 'happy');
    CREATE DOMAIN public.positive_integer AS integer CHECK (VALUE > 0);
    CREATE TABLE public.samples (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        name text NOT NULL,
        whole integer,
        big bigint,
        price numeric(10,2),
        ratio real,
        truth boolean,
        note text,
        short varchar(40),
        code char(5),
        uid uuid,
        day date,
        at time,
        local_time timestamp,
        moment timestamptz,
        span interval,
        document jsonb,
        tags text[],
        numbers int[],
        mood public.mood,
        positive public.positive_integer
    );
    INSERT INTO public.samples (name, whole, big, price, ratio, truth, note, short, code, uid, day,
        at, local_time, moment, span, document, tags, numbers, mood, positive)
    VALUES ('full', 7, 9007199254740993, 19.90, 0.5, true, 'a note', 'at most forty characters',
        'AB', '6f1c1c9a-52f1-4f0e-8a35-1d4c3c5c8d11', '2026-03-01', '12:30', '2026-03-01 12:30',
        '2026-03-01 12:30+04', '1 day 02:00', '{"a": [1, 2.50]}', '{x,y}', '{1,2,3}', 'ok', 1);
    INSERT INTO public.samples (name) VALUES ('empty');"""

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
    """Create the tables that are not there, with four new orders, and samples of each type."""
    connection = await asyncpg.connect(dsn)
    try:
        for table, create in (("public.orders", _CREATE), ("public.samples", _SAMPLES)):
            if await connection.fetchval("SELECT to_regclass($1)", table) is None:
                await connection.execute(create)
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
