"""Events in PostgreSQL, accepted together with the executions that they cause."""

import asyncpg

from ichor_core import exact_json
from ichor_core.contract import INTERPRETER_VERSION
from ichor_core.ids import EventId
from ichor_edgestore.database.listing import from_row
from ichor_edgestore.database.pool import Connection, to_json
from ichor_edgestore.events.matching import Match, PlannedExecution, other_event, plan_executions
from ichor_edgestore.events.records import AcceptedEvent, AcceptedExecution, Event
from ichor_edgestore.rules.records import Rule
from ichor_edgestore.rules.store import SELECT_MATCHING

_INSERT_EVENT = """
    INSERT INTO workflow.events
        (id, entity_name, entity_id, event_type, data, digest, traceparent)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (id) DO NOTHING
    RETURNING id"""
_SELECT_DIGEST = "SELECT digest FROM workflow.events WHERE id = $1"
_SELECT_ACCEPTED = """
    SELECT id AS execution_id, rule_id, rule_name, workflow_id, status, error
    FROM workflow.executions
    WHERE event_id = $1
    ORDER BY rule_id"""
_INSERT_EXECUTIONS = """
    INSERT INTO workflow.executions
        (id, event_id, rule_id, rule_name, graph_version, interpreter_version, workflow_id, status,
         entity_name, entity_id, event_type, trigger_data, error, trace_id, finished_at)
    SELECT row.id::uuid, e.id, row.rule_id::uuid, row.rule_name, row.graph_version, $2,
           row.workflow_id, row.status, e.entity_name, e.entity_id, e.event_type, e.data,
           row.error::jsonb, $3, CASE WHEN row.error IS NOT NULL THEN now() END
    FROM workflow.events e,
         unnest($4::text[], $5::text[], $6::text[], $7::int[], $8::text[], $9::text[], $10::text[])
            AS row (id, rule_id, rule_name, graph_version, workflow_id, status, error)
    WHERE e.id = $1"""
_INSERT_DISPATCHES = """
    INSERT INTO workflow.dispatches (execution_id, state, last_error)
    SELECT id, CASE WHEN error IS NULL THEN 'pending' ELSE 'failed' END, error ->> 'message'
    FROM workflow.executions
    WHERE event_id = $1"""


class PostgresEventStore:
    """Accepts events: once accepted, the executions that they cause are stored."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def accept(self, event: Event, match: Match) -> AcceptedEvent:
        """Store an event, and an execution and a dispatch for every active rule that matches.

        All of it or nothing. A rule that cannot be matched gets an execution that has failed.

        Raises:
            InvalidInputError: the event holds what cannot be stored.
            ConflictError: another event has this id.
        """
        exact_json.check_storable([event.entity_name, event.entity_id, event.data])
        async with self._pool.acquire() as connection, connection.transaction():
            # Waits for a transaction that is just inserting the same id.
            is_new = await connection.fetchval(
                _INSERT_EVENT,
                event.id,
                event.entity_name,
                event.entity_id,
                event.event_type,
                event.data,
                event.digest,
                event.traceparent,
            )
            if not is_new:
                return await _answer_again(connection, event)
            rows = await connection.fetch(SELECT_MATCHING, event.entity_name, event.event_type)
            rules = [from_row(row, Rule) for row in rows]
            planned = plan_executions(event, rules, match)
            if planned:
                await _insert(connection, event, planned)
            return AcceptedEvent(event.id, await _accepted(connection, event.id))


async def _answer_again(connection: Connection, event: Event) -> AcceptedEvent:
    if await connection.fetchval(_SELECT_DIGEST, event.id) != event.digest:
        raise other_event(event.id)
    return AcceptedEvent(event.id, await _accepted(connection, event.id), duplicate=True)


async def _accepted(connection: Connection, event_id: EventId) -> list[AcceptedExecution]:
    rows = await connection.fetch(_SELECT_ACCEPTED, event_id)
    return [from_row(row, AcceptedExecution) for row in rows]


async def _insert(connection: Connection, event: Event, planned: list[PlannedExecution]) -> None:
    await connection.execute(
        _INSERT_EXECUTIONS,
        event.id,
        INTERPRETER_VERSION,
        event.trace_id,
        [execution.execution_id for execution in planned],
        [execution.rule.id for execution in planned],
        [execution.rule.name for execution in planned],
        [execution.rule.graph_version for execution in planned],
        [execution.workflow_id for execution in planned],
        [execution.status for execution in planned],
        [to_json(execution.error) if execution.error else None for execution in planned],
    )
    await connection.execute(_INSERT_DISPATCHES, event.id)
