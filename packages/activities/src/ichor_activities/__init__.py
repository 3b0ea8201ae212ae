"""The Temporal activities that run actions and record executions."""

from ichor_activities.action_activities import ActionActivities
from ichor_activities.approval_activities import ApprovalActivities
from ichor_activities.async_action_activities import AsyncActionActivities
from ichor_activities.async_completer import AsyncCompleter
from ichor_activities.recording_activities import RecordingActivities
from ichor_activities.reply_token import ReplyToken, ReplyTokens
from ichor_activities.storage import StorageUnavailableError, guarded

__all__ = [
    "ActionActivities",
    "ApprovalActivities",
    "AsyncActionActivities",
    "AsyncCompleter",
    "RecordingActivities",
    "ReplyToken",
    "ReplyTokens",
    "StorageUnavailableError",
    "guarded",
]
