"""Actions that a shipping system finishes."""

from datetime import date, datetime
from typing import Annotated

from msgspec import Meta, Struct

from ichor_actions.attempt import ActionAttempt
from ichor_actions.definition.action import action

Centimetres = Annotated[float, Meta(gt=0)]
Text = Annotated[str, Meta(min_length=1, max_length=200)]


class Address(Struct, frozen=True):
    """A postal address."""

    name: Text
    street: Text
    postal_code: Annotated[str, Meta(max_length=20)]
    city: Text
    country: Annotated[str, Meta(pattern="^[A-Z]{2}$")]
    """ISO 3166-1, two letters."""


class Parcel(Struct, frozen=True):
    """One package."""

    weight_kg: Annotated[float, Meta(gt=0, le=100_000)]
    length_cm: Centimetres | None = None
    width_cm: Centimetres | None = None
    height_cm: Centimetres | None = None


class ReserveShippingConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """The config of `reserve_shipping`."""

    order_id: str | int
    destination: Address
    parcels: Annotated[list[Parcel], Meta(min_length=1, max_length=1_000)]
    service: Text = "standard"
    pickup_on: date | None = None
    """Default: as soon as possible."""


class ReserveShippingRequest(Struct, frozen=True):
    """The request to reserve transport for parcels."""

    order_id: str
    destination: Address
    parcels: list[Parcel]
    service: str
    pickup_on: date | None


class ReserveShippingReply(Struct, frozen=True, kw_only=True):
    """The reserved transport."""

    reservation_id: str
    carrier: str
    tracking_number: str | None = None
    pickup_at: datetime | None = None
    cost: int | float | None = None
    currency: str | None = None


@action(type="reserve_shipping", title="Reserve shipping", kind="async", reply=ReserveShippingReply)
async def reserve_shipping(
    config: ReserveShippingConfig, attempt: ActionAttempt
) -> ReserveShippingRequest:
    """Reserves transport for the parcels of an order."""
    return ReserveShippingRequest(
        str(config.order_id),
        config.destination,
        config.parcels,
        config.service,
        config.pickup_on,
    )
