"""Events, the rules that they match, and the dispatch queue."""

from ichor_edgestore.events.dispatches import PostgresDispatchQueue
from ichor_edgestore.events.records import AcceptedEvent, Dispatch, Event
from ichor_edgestore.events.store import PostgresEventStore

__all__ = [
    "AcceptedEvent",
    "Dispatch",
    "Event",
    "PostgresDispatchQueue",
    "PostgresEventStore",
]
