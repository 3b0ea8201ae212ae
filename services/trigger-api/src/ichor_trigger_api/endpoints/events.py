"""Events of entities."""

from litestar import post
from litestar.params import JSONBody

from ichor_edgestore.events import AcceptedEvent
from ichor_engine.events import EventIntake, ReportedEvent
from ichor_runtime.telemetry import current_traceparent
from ichor_trigger_api.http.body import MAX_EVENT_BYTES, ExactBody
from ichor_trigger_api.http.parameters import Given
from ichor_trigger_api.http.problems import problems


class EventIn(ReportedEvent, frozen=True, forbid_unknown_fields=True):
    """An event as it is reported."""


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
async def accept_event(data: JSONBody[EventIn], intake: Given[EventIntake]) -> AcceptedEvent:
    """Accept an event: store it, with an execution for every active rule that matches.

    The executions start as soon as Temporal is available. An event whose id was accepted before is
    answered with the same executions if it is the same event, and refused (409) if it is another.
    A `traceparent` header (W3C) makes the executions part of the caller's trace.
    """
    return await intake.accept(data, current_traceparent())
