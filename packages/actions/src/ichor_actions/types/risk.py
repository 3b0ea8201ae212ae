"""Actions that a risk system finishes."""

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

from ichor_actions.attempt import ActionAttempt
from ichor_actions.definition.action import action

Text = Annotated[str, Meta(min_length=1, max_length=200)]
Amount = Annotated[int, Meta(ge=0)] | Annotated[float, Meta(ge=0)]
Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$")]
"""ISO 4217."""


class CreditCheckConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """The config of `credit_check`."""

    customer_id: str | int
    amount: Amount
    currency: Currency
    reason: Annotated[str, Meta(max_length=2_000)] = ""


class CreditCheckRequest(Struct, frozen=True):
    """The request for a credit decision on an amount."""

    customer_id: str
    amount: int | float
    currency: str
    reason: str


class CreditCheckReply(Struct, frozen=True):
    """The credit decision."""

    approved: bool
    limit: int | float | None = None
    """Credit limit of the customer, in the requested currency."""
    score: int | float | None = None
    reason: str = ""


@action(type="credit_check", title="Credit check", kind="async", reply=CreditCheckReply)
async def credit_check(config: CreditCheckConfig, attempt: ActionAttempt) -> CreditCheckRequest:
    """Checks a customer's credit for an amount."""
    return CreditCheckRequest(
        str(config.customer_id), config.amount, config.currency, config.reason
    )


class FraudDetectionConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """The config of `fraud_detection`."""

    transaction_id: str | int
    amount: Amount
    currency: Currency
    customer_id: str | int | None = None
    signals: dict[str, Any] = field(default_factory=dict[str, Any])
    """Further signals, such as addresses or a device."""


class FraudDetectionRequest(Struct, frozen=True):
    """The request to judge a transaction."""

    transaction_id: str
    amount: int | float
    currency: str
    customer_id: str | None
    signals: dict[str, Any]


class FraudDetectionReply(Struct, frozen=True):
    """The verdict on a transaction."""

    verdict: Literal["accept", "review", "reject"]
    score: Annotated[float, Meta(ge=0, le=1)]
    """0: certainly legitimate, 1: certainly fraud."""
    reasons: list[str] = field(default_factory=list[str])


@action(type="fraud_detection", title="Fraud detection", kind="async", reply=FraudDetectionReply)
async def fraud_detection(
    config: FraudDetectionConfig, attempt: ActionAttempt
) -> FraudDetectionRequest:
    """Checks a transaction for fraud."""
    customer = None if config.customer_id is None else str(config.customer_id)
    return FraudDetectionRequest(
        str(config.transaction_id), config.amount, config.currency, customer, config.signals
    )
