"""The built-in action types, a module for each family."""

from ichor_actions.types.approval import ApprovalDraft, ApprovalResult, human_action

__all__ = [
    "ApprovalDraft",
    "ApprovalResult",
    "human_action",
]
