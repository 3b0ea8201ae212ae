"""Actions that other systems finish: what they ask, and what is said to come back."""

from decimal import Decimal

import pytest
from jsonschema import Draft202012Validator
from msgspec import Struct

from ichor_actions import (
    ActionAttempt,
    ActionDefinitionError,
    ConfigError,
    Registry,
    Resources,
    action,
    execute_action,
)
from ichor_actions.builtin import builtin_actions
from ichor_actions.definition.spec import json_schema
from ichor_core import exact_json
from ichor_core.contract import ActionActivityInput
from ichor_core.expressions import MergedContext

REGISTRY = Registry(builtin_actions(Resources()))
ASYNC = [kind for kind in REGISTRY.types() if kind.kind == "async"]
ADDRESS = {
    "name": "Receiver",
    "street": "1 High Street",
    "postal_code": "12345",
    "city": "Town",
    "country": "DE",
}
ASKED = [
    (
        "allocate_inventory",
        {
            "order_id": "{{order}}",
            "items": [
                {"sku": "A", "quantity": 2},
                {"sku": "B", "quantity": 1},
                {"sku": "A", "quantity": 3},
            ],
        },
        {
            "order_id": "7",
            "items": [{"sku": "A", "quantity": 5}, {"sku": "B", "quantity": 1}],
            "warehouse": None,
            "allow_partial": False,
        },
    ),
    (
        "credit_check",
        {"customer_id": "{{order}}", "amount": "{{amount}}", "currency": "EUR"},
        {"customer_id": "7", "amount": 19.99, "currency": "EUR", "reason": ""},
    ),
    (
        "fraud_detection",
        {"transaction_id": "t", "amount": 5, "currency": "USD", "signals": {"ip": "{{ip}}"}},
        {
            "transaction_id": "t",
            "amount": 5,
            "currency": "USD",
            "customer_id": None,
            "signals": {"ip": "192.0.2.1"},
        },
    ),
    (
        "third_party_api_call",
        {"system": "crm", "operation": "contacts.create", "parameters": {"a": ["{{order}}"]}},
        {"system": "crm", "operation": "contacts.create", "parameters": {"a": [7]}},
    ),
    (
        "reserve_shipping",
        {
            "order_id": 7,
            "destination": ADDRESS,
            "parcels": [{"weight_kg": 1.5}],
            "pickup_on": "2026-03-01",
        },
        {
            "order_id": "7",
            "destination": ADDRESS,
            "parcels": [{"weight_kg": 1.5, "length_cm": None, "width_cm": None, "height_cm": None}],
            "service": "standard",
            "pickup_on": "2026-03-01",
        },
    ),
]
WRONG = [
    ("allocate_inventory", {"order_id": 1, "items": []}, "items"),
    ("allocate_inventory", {"order_id": 1, "items": [{"sku": "A", "quantity": 0}]}, "quantity"),
    ("credit_check", {"customer_id": 1, "amount": -1, "currency": "EUR"}, "amount"),
    ("credit_check", {"customer_id": 1, "amount": 1, "currency": "euro"}, "currency"),
    ("fraud_detection", {"transaction_id": 1, "amount": 1, "currency": "EUR", "x": 1}, "x"),
    ("third_party_api_call", {"system": "a b", "operation": "o"}, "system"),
    ("reserve_shipping", {"order_id": 1, "destination": {}, "parcels": [{}]}, "name"),
]


def call(action_type: str, config: dict) -> ActionActivityInput:
    context = MergedContext({"order": 7, "amount": 19.99, "ip": "192.0.2.1"})
    return ActionActivityInput(
        action_id="a", action_name="n", action_type=action_type, config=config, context=context
    )


def test_every_async_type_is_tested():
    assert {kind.type for kind in ASYNC} == {name for name, *_ in ASKED}
    assert {kind.type for kind in ASYNC} == {name for name, *_ in WRONG}


@pytest.mark.parametrize(("name", "config", "asked"), ASKED)
async def test_what_is_asked(name: str, config: dict, asked: dict):
    assert await execute_action(REGISTRY, call(name, config)) == asked
    spec = REGISTRY.get(name).spec
    assert spec.request is not None
    Draft202012Validator(json_schema(spec.request)).validate(asked)


@pytest.mark.parametrize(("name", "config", "wrong"), WRONG)
async def test_what_cannot_be_asked(name: str, config: dict, wrong: str):
    with pytest.raises(ConfigError, match=wrong):
        await execute_action(REGISTRY, call(name, config))


async def test_decimals_are_taken_as_amounts():
    config = {"customer_id": 1, "amount": Decimal("19.99"), "currency": "EUR"}
    asked = await execute_action(REGISTRY, call("credit_check", config))
    assert exact_json.encode(asked["amount"]) == b"19.99"


def test_the_published_result_is_the_reply():
    (kind,) = (kind for kind in ASYNC if kind.type == "allocate_inventory")
    statuses = kind.result_schema["properties"]["status"]["enum"]
    assert statuses == ["allocated", "insufficient", "partial"]


def test_only_kind_async_has_a_reply():
    class Nothing(Struct):
        pass

    with pytest.raises(ActionDefinitionError, match="for kind async only"):

        @action(type="x", title="X", kind="sync", reply=Nothing)
        async def wrong(config: Nothing, attempt: ActionAttempt) -> Nothing:
            return config
