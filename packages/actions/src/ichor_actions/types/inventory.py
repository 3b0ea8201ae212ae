"""Actions that an inventory system finishes."""

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from ichor_actions.attempt import ActionAttempt
from ichor_actions.definition.action import action

Text = Annotated[str, Meta(min_length=1, max_length=200)]
Quantity = Annotated[int, Meta(ge=1, le=1_000_000_000)]


class StockLine(Struct, frozen=True):
    """An article and its quantity."""

    sku: Text
    quantity: Quantity


class AllocateInventoryConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """The config of `allocate_inventory`."""

    order_id: str | int
    items: Annotated[list[StockLine], Meta(min_length=1, max_length=1_000)]
    warehouse: Text | None = None
    """Default: the inventory system chooses."""
    allow_partial: bool = False
    """Whether a part may be reserved."""


class AllocateInventoryRequest(Struct, frozen=True):
    """The request to reserve articles for an order."""

    order_id: str
    items: list[StockLine]
    """Each article once."""
    warehouse: str | None
    allow_partial: bool


class Allocation(Struct, frozen=True):
    """The reserved quantity of one article."""

    sku: str
    requested: int
    allocated: int


class AllocateInventoryReply(Struct, frozen=True):
    """The reservation; insufficient stock is a result, not an error."""

    status: Literal["allocated", "partial", "insufficient"]
    allocations: list[Allocation] = field(default_factory=list[Allocation])
    reservation_id: str | None = None
    """None where nothing was reserved."""


@action(
    type="allocate_inventory",
    title="Allocate inventory",
    kind="async",
    reply=AllocateInventoryReply,
)
async def allocate_inventory(
    config: AllocateInventoryConfig, attempt: ActionAttempt
) -> AllocateInventoryRequest:
    """Reserves stock for an order."""
    quantities: dict[str, int] = {}
    for line in config.items:
        quantities[line.sku] = quantities.get(line.sku, 0) + line.quantity
    return AllocateInventoryRequest(
        order_id=str(config.order_id),
        items=[StockLine(sku, quantity) for sku, quantity in quantities.items()],
        warehouse=config.warehouse,
        allow_partial=config.allow_partial,
    )
