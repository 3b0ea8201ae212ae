"""Reads everything that the checker needs from the two databases."""

import json
from typing import Any

import asyncpg
from msgspec import Struct

from tests.chaos.evidence import (
    ActionRow,
    Alert,
    Approval,
    Change,
    Database,
    Effect,
    ExecutionRow,
    Inventory,
    Row,
)

_EXECUTIONS = """
    SELECT id::text, event_id::text, rule_id::text, coalesce(workflow_id, '') AS workflow_id,
           status, error::text, coalesce(extract(epoch FROM finished_at), 0)::float8
    FROM workflow.executions ORDER BY created_at, id"""
_ACTIONS = """
    SELECT execution_id::text, action_id::text, name, status, error::text, result::text
    FROM workflow.action_executions ORDER BY execution_id, action_id"""
_EFFECTS = """
    SELECT key, execution_id::text, action_id::text, result::text
    FROM workflow.effects ORDER BY key"""
_APPROVALS = """
    SELECT id::text, execution_id::text, status,
           coalesce((SELECT json_agg(json_build_array("user", vote) ORDER BY decided_at)
                     FROM workflow.approval_decisions WHERE approval_id = approvals.id), '[]')
    FROM workflow.approvals ORDER BY created_at, id"""
_UNDISPATCHED = "SELECT execution_id::text FROM workflow.dispatches WHERE state <> 'started'"


async def read_database(connection: asyncpg.Connection) -> Database:
    """Read the engine's database, in whatever transaction the connection is in."""
    actions = await connection.fetch(_ACTIONS)
    executions = await connection.fetch(_EXECUTIONS)
    effects = await connection.fetch(_EFFECTS)
    approvals = await connection.fetch(_APPROVALS)
    return Database(
        events=await _column(connection, "SELECT id::text FROM workflow.events"),
        executions=tuple(
            _make(ExecutionRow, *row[:5], _json(row[5]), row[6]) for row in executions
        ),
        actions=tuple(_make(ActionRow, *row[:4], _json(row[4]), _json(row[5])) for row in actions),
        undispatched=await _column(connection, _UNDISPATCHED),
        effects=tuple(_make(Effect, *row[:3], _json(row[3])) for row in effects),
        rows=await _structs(connection, Row, "SELECT id, label, detail FROM chaos.rows"),
        changes=await _structs(connection, Change, "SELECT counter, label FROM chaos.changes"),
        counters=dict(
            [*map(tuple, await connection.fetch("SELECT name, touched FROM chaos.counters"))]
        ),
        alerts=await _structs(
            connection, Alert, "SELECT execution_id::text, title FROM workflow.alerts"
        ),
        approvals=tuple(
            _make(Approval, *row[:3], tuple((user, vote) for user, vote in _json(row[3])))
            for row in approvals
        ),
    )


async def read_inventory(connection: asyncpg.Connection, stock: int) -> Inventory:
    """Read the other system's database; `stock` is what it began with."""
    rows = await connection.fetch("SELECT request_id, answer::text FROM inventory.reservations")
    left = await connection.fetchval("SELECT sum(available) FROM inventory.stock")
    return Inventory(tuple((row[0], _json(row[1])) for row in rows), stock - int(left))


async def _column(connection: asyncpg.Connection, query: str) -> tuple[str, ...]:
    return tuple(row[0] for row in await connection.fetch(query))


async def _structs(connection: asyncpg.Connection, kind: type[Struct], query: str) -> Any:
    return tuple(_make(kind, *row) for row in await connection.fetch(query))


def _make(kind: type[Struct], *values: Any) -> Any:
    return kind(*values)


def _json(text: str | None) -> Any:
    return None if text is None else json.loads(text)
