"""POST /events: what happened to an entity."""

from typing import Any
from uuid import uuid4

import structlog
from litestar import post
from litestar.params import JSONBody
from msgspec import Struct, field

from ichor_core.expressions import condition_holds, lookup_in, parse_condition
from ichor_core.ids import EventId, EventIdField
from ichor_edgestore.events import AcceptedEvent, Event
from ichor_edgestore.rules import Name, Rule, TriggerEvent
from ichor_trigger_api.http.body import MAX_EVENT_BYTES, ExactBody
from ichor_trigger_api.http.parameters import GivenParts
from ichor_trigger_api.http.problems import problems
from ichor_trigger_api.telemetry.request_span import current_traceparent

_logger = structlog.get_logger(__name__)


class EventIn(Struct, frozen=True, forbid_unknown_fields=True):
    """An event as it is reported."""

    entity_name: Name
    """The kind of entity, such as `order`."""
    entity_id: Name
    event_type: TriggerEvent
    event_id: EventIdField | None = None
    """Send the same one to repeat an event safely; made by the service where it is left out."""
    data: dict[str, Any] = field(default_factory=dict[str, Any])
    """What is known of the entity: trigger conditions and templates read it."""

    def event(self) -> Event:
        """Return the event that is stored; its data is what conditions and templates see."""
        event_id = EventId((self.event_id or str(uuid4())).lower())
        fields = {
            "entity_id": self.entity_id,
            "entity_name": self.entity_name,
            "event_type": self.event_type,
            "event_id": event_id,
        }
        return Event(
            id=event_id,
            entity_name=self.entity_name,
            entity_id=self.entity_id,
            event_type=self.event_type,
            data={**fields, **self.data},
            traceparent=current_traceparent(),
        )


@post(
    "/events",
    status_code=202,
    dto=ExactBody[EventIn],
    return_dto=None,
    request_max_body_size=MAX_EVENT_BYTES,
    responses=problems(409, 413, 415, 422),
    tags=["events"],
    summary="Report an event",
)
async def accept_event(
    data: JSONBody[EventIn],
    parts: GivenParts,
) -> AcceptedEvent:
    """Accept an event: it is stored, with an execution for every active rule that matches.

    The executions start as soon as Temporal is there. An event whose id was accepted before is
    answered with the same executions if it is the same event, and refused (409) if it is another.
    A `traceparent` header (W3C) makes the executions part of the caller's trace.
    """
    event = data.event()
    lookup = lookup_in(event.data)

    def matches(rule: Rule) -> bool:
        return condition_holds(parse_condition(rule.trigger_conditions), lookup)

    accepted = await parts.events.accept(event, matches)
    if accepted.executions:
        parts.wake.set()
    _logger.info(
        "Event accepted",
        event_id=accepted.event_id,
        execution_ids=[one.execution_id for one in accepted.executions],
        duplicate=accepted.duplicate,
    )
    return accepted
