"""Action types: how they are written, registered and run, and the built-in ones."""

from ichor_actions.attempt import ActionAttempt
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
from ichor_actions.resources import MailSettings, Resources, WebhookSettings
from ichor_actions.types.approval import ApprovalDraft, human_action

__all__ = [
    "Action",
    "ActionAttempt",
    "ActionDefinitionError",
    "ActionError",
    "ActionSpec",
    "ApprovalDraft",
    "ConfigError",
    "MailSettings",
    "RefusedError",
    "Registry",
    "Resources",
    "ResultError",
    "TransientError",
    "UnknownActionTypeError",
    "WebhookSettings",
    "action",
    "discover",
    "execute_action",
    "human_action",
]
