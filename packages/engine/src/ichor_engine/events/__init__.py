"""Events of entities, accepted."""

from ichor_engine.events.intake import EventIntake, ReportedEvent

__all__ = ["EventIntake", "ReportedEvent"]
