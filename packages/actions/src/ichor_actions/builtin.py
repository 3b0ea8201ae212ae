"""The actions that come with Ichor."""

from ichor_actions.action import Action
from ichor_actions.approval_types import (
    approval_request,
    human_verification,
    manager_approval,
    manual_review,
)
from ichor_actions.control import delay, evaluate_condition, set_values
from ichor_actions.data import CreateRecord, UpdateField
from ichor_actions.integration import CallWebhook
from ichor_actions.inventory import allocate_inventory
from ichor_actions.notification import CreateAlert, SendEmail
from ichor_actions.resources import Resources
from ichor_actions.risk import credit_check, fraud_detection
from ichor_actions.shipping import reserve_shipping
from ichor_actions.third_party import third_party_api_call


def builtin_actions(resources: Resources) -> list[Action]:
    """Return every built-in action; those whose resource is missing are refused when they run."""
    return [
        evaluate_condition,
        set_values,
        delay,
        approval_request,
        manager_approval,
        manual_review,
        human_verification,
        allocate_inventory,
        credit_check,
        fraud_detection,
        third_party_api_call,
        reserve_shipping,
        CreateRecord(resources),
        UpdateField(resources),
        CreateAlert(resources),
        SendEmail(resources),
        CallWebhook(resources),
    ]
