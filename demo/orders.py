"""The orders that come in, as events."""

from typing import Any

from msgspec import Struct


class Order(Struct, frozen=True):
    """An order, and what it shows."""

    title: str
    event: dict[str, Any]

    @property
    def id(self) -> str:
        """The order's id."""
        return self.event["entity_id"]


def _event(order_id: str, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "entity_name": "orders",
        "entity_id": order_id,
        "event_type": "on_create",
        "data": data,
    }


_BOOKS = {"name": " Example Books ", "email": "books@example.com", "tier": "standard"}
_TEA = {"name": "Example Tea", "email": "tea@example.com", "tier": "gold"}
_SMALL: dict[str, Any] = {
    "amount": 80,
    "currency": "chf",
    "items": [{"sku": "chair", "quantity": 1}],
    "shipping": {"carrier": "rail"},
    "customer": _TEA,
}

LARGE = Order(
    "Order 1001 is large: a manager is asked",
    _event(
        "1001",
        {
            "amount": 1499.9,
            "items": [{"sku": "desk", "quantity": 1}, {"sku": "lamp", "quantity": 2}],
            "customer": _BOOKS,
        },
    ),
)
SMALL_GOLD = Order(
    "Order 1002 is small, of a gold customer: two rules match", _event("1002", _SMALL)
)
TOO_MANY = Order(
    "Order 1003 asks for more cups than there are",
    _event("1003", {"amount": 900, "items": [{"sku": "cup", "quantity": 300}], "customer": _BOOKS}),
)
ORDERS = (LARGE, SMALL_GOLD, TOO_MANY)
"""What the demo sends, one after the other."""

OF_YOURS = _event("1004", _SMALL)
"""What a user may send."""
