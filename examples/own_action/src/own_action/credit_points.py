"""The action type `credit_points`."""

from typing import Annotated

from msgspec import Meta, Struct

from ichor_actions import Action, ActionAttempt, ActionSpec, RefusedError, Resources

TABLE = "public.loyalty_points"
"""Where points are credited; the worker's DECLARED_TABLES must declare it."""


class CreditPointsConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """The config of `credit_points`."""

    customer: Annotated[str, Meta(min_length=1, max_length=100)]
    amount: Annotated[int, Meta(ge=0)] | Annotated[float, Meta(ge=0)]
    """What was paid; each whole unit counts."""
    per_unit: Annotated[int, Meta(ge=1, le=100)] = 1
    """Points for each unit."""


class CreditPointsResult(Struct, frozen=True):
    """The result of `credit_points`."""

    points: int
    entry: str
    """The id of the row; empty if there was nothing to credit."""


class CreditPoints:
    """Adds a row of points to a customer's account."""

    spec = ActionSpec(
        type="credit_points",
        title="Credit points",
        description="Credits loyalty points to a customer.",
        kind="local",
        config=CreditPointsConfig,
        result=CreditPointsResult,
    )

    def __init__(self, resources: Resources) -> None:
        self._effects = resources.effects

    async def execute(
        self, config: CreditPointsConfig, attempt: ActionAttempt
    ) -> CreditPointsResult:
        """Add the row.

        The store keeps the key in the same transaction as the row. An attempt after a crash has the
        same key, so it finds the row of the first one instead of adding another.

        Raises:
            RefusedError: this worker has no store of records.
            InvalidInputError: the worker does not declare the table.
        """
        points = int(config.amount) * config.per_unit
        if points == 0:
            return CreditPointsResult(0, "")
        if self._effects is None:
            raise RefusedError("points cannot be credited by a worker without a store of records")
        values = {"customer": config.customer, "points": points}
        made = await self._effects.create_record(attempt.effect_key, TABLE, values)
        attempt.logger.info("Points credited")
        return CreditPointsResult(points, str(made["record"]["id"]))


def actions(resources: Resources) -> list[Action]:
    """Return the actions of this distribution; the entry point."""
    return [CreditPoints(resources)]
