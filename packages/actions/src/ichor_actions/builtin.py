"""The built-in actions."""

from ichor_actions.definition.action import Action
from ichor_actions.resources import Resources
from ichor_actions.types.alert import CreateAlert
from ichor_actions.types.approval_types import (
    approval_request,
    human_verification,
    manager_approval,
    manual_review,
)
from ichor_actions.types.control import delay, evaluate_condition, set_values
from ichor_actions.types.email import SendEmail
from ichor_actions.types.inventory import allocate_inventory
from ichor_actions.types.records import CreateRecord, UpdateField
from ichor_actions.types.risk import credit_check, fraud_detection
from ichor_actions.types.shipping import reserve_shipping
from ichor_actions.types.third_party import third_party_api_call
from ichor_actions.webhook.action import CallWebhook


def builtin_actions(resources: Resources) -> list[Action]:
    """Return every built-in action; those whose resource is not configured fail when they run."""
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
