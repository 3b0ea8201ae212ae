"""Events, the rules that they match, and the dispatch queue."""

from ichor_edgestore.events.dispatches import DispatchQueue
from ichor_edgestore.events.records import AcceptedEvent, DispatchJob, Event
from ichor_edgestore.events.store import EventStore

__all__ = [
    "AcceptedEvent",
    "DispatchJob",
    "DispatchQueue",
    "Event",
    "EventStore",
]
