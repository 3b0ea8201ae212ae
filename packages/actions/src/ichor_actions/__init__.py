"""What a node of a graph does: action types, their registry and the built-in ones."""

from ichor_actions.attempt import ActionRun
from ichor_actions.definition.action import Action, action
from ichor_actions.definition.spec import ActionSpec
from ichor_actions.errors import (
    ActionDefinitionError,
    ActionError,
    ConfigError,
    RefusedError,
    ResultError,
    TransientError,
    UnknownActionTypeError,
)
from ichor_actions.execute import execute_action
from ichor_actions.registry import Registry, discover
from ichor_actions.resources import HttpSettings, MailSettings, Resources
from ichor_actions.types.approval import ApprovalDraft, human_action

__all__ = [
    "Action",
    "ActionDefinitionError",
    "ActionError",
    "ActionRun",
    "ActionSpec",
    "ApprovalDraft",
    "ConfigError",
    "HttpSettings",
    "MailSettings",
    "RefusedError",
    "Registry",
    "Resources",
    "ResultError",
    "TransientError",
    "UnknownActionTypeError",
    "action",
    "discover",
    "execute_action",
    "human_action",
]
