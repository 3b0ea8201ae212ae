"""The Temporal activities that run actions and record executions."""

from ichor_activities.action_activities import ActionActivities
from ichor_activities.recording_activities import RecordingActivities

__all__ = ["ActionActivities", "RecordingActivities"]
