"""The actions that come with Ichor."""

from ichor_actions.action import Action
from ichor_actions.control import evaluate_condition, set_values
from ichor_actions.data import CreateRecord, UpdateField
from ichor_actions.integration import CallWebhook
from ichor_actions.notification import CreateAlert, SendEmail
from ichor_actions.resources import Resources


def builtin_actions(resources: Resources) -> list[Action]:
    """Return every built-in action; those whose resource is missing are refused when they run."""
    return [
        evaluate_condition,
        set_values,
        CreateRecord(resources),
        UpdateField(resources),
        CreateAlert(resources),
        SendEmail(resources),
        CallWebhook(resources),
    ]
