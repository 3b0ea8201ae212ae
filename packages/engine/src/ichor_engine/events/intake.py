"""Accepts events: each active rule that matches gets an execution."""

import asyncio
from typing import Any
from uuid import uuid4

import structlog
from msgspec import Struct, field

from ichor_core.expressions import Budget, condition_holds, lookup_in, parse_condition
from ichor_core.ids import EventId, EventIdField
from ichor_edgestore.events import AcceptedEvent, Event, PostgresEventStore
from ichor_edgestore.rules import Name, Rule, TriggerEvent

MAX_STEPS_OF_A_RULE = 200_000
"""Steps that the trigger condition of one rule may take: see `ichor_core.expressions.Budget`."""

_logger = structlog.get_logger(__name__)


class ReportedEvent(Struct, frozen=True):
    """An event as it is reported."""

    entity_name: Name
    """Kind of entity, such as `order`."""
    entity_id: Name
    event_type: TriggerEvent
    event_id: EventIdField | None = None
    """Id chosen by the sender, to repeat the event safely; default: a new one."""
    data: dict[str, Any] = field(default_factory=dict[str, Any])
    """Fields of the entity, for trigger conditions and templates."""


class EventIntake:
    """Accepts events.

    Args:
        events: stores them with their executions.
        wake: is set when there is something to start; a relay in this process waits for it.
    """

    def __init__(self, events: PostgresEventStore, wake: asyncio.Event | None = None) -> None:
        self._events = events
        self._wake = wake

    async def accept(
        self, reported: ReportedEvent, traceparent: str | None = None
    ) -> AcceptedEvent:
        """Store an event, with an execution for every active rule that matches.

        Args:
            reported: the event; conditions and templates also see its own fields as data.
            traceparent: the trace that its executions become part of.

        Raises:
            InvalidInputError: a value of the event cannot be stored.
            ConflictError: another event has this id.
        """
        event = _event(reported, traceparent)
        lookup = lookup_in(event.data)

        def matches(rule: Rule) -> bool:
            budget = Budget(MAX_STEPS_OF_A_RULE)
            return condition_holds(parse_condition(rule.trigger_conditions), lookup, budget)

        accepted = await self._events.accept(event, matches)
        if accepted.executions and self._wake is not None:
            self._wake.set()
        _logger.info(
            "Event accepted",
            event_id=accepted.event_id,
            execution_ids=[one.execution_id for one in accepted.executions],
            duplicate=accepted.duplicate,
        )
        return accepted


def _event(reported: ReportedEvent, traceparent: str | None) -> Event:
    event_id = EventId((reported.event_id or str(uuid4())).lower())
    fields = {
        "entity_id": reported.entity_id,
        "entity_name": reported.entity_name,
        "event_type": reported.event_type,
        "event_id": event_id,
    }
    return Event(
        id=event_id,
        entity_name=reported.entity_name,
        entity_id=reported.entity_id,
        event_type=reported.event_type,
        data={**fields, **reported.data},
        traceparent=traceparent,
    )
