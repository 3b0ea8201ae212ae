"""The steps of the benchmark as one would write them by hand for Temporal, without an engine."""

import asyncio
from datetime import timedelta
from typing import Any

from msgspec import Struct, field
from temporalio import activity, workflow
from temporalio.common import RetryPolicy

from ichor_core.action_type import DEFAULT_LIMITS, ActionKind

RETRY = RetryPolicy(
    initial_interval=timedelta(seconds=1),
    backoff_coefficient=2,
    maximum_interval=timedelta(minutes=1),
    maximum_attempts=3,
)


class Step(Struct):
    """One step: its name and the values that it sets."""

    name: str
    values: dict[str, Any] = field(default_factory=dict[str, Any])


class Plan(Struct):
    """How many steps of which kind."""

    steps: int
    kind: ActionKind
    payload: str


@activity.defn
async def set_values(step: Step) -> dict[str, Any]:
    """Return the values."""
    return step.values


async def call(plan: Plan, step: Step) -> dict[str, Any]:
    """Run one step as an activity of the plan's kind."""
    limits = DEFAULT_LIMITS[plan.kind]
    timeout = timedelta(seconds=limits.start_to_close or 10)
    if plan.kind == "local":
        return await workflow.execute_local_activity(
            set_values,
            step,
            start_to_close_timeout=timeout,
            retry_policy=RETRY,
            summary=step.name,
        )
    return await workflow.execute_activity(
        set_values,
        step,
        start_to_close_timeout=timeout,
        heartbeat_timeout=timedelta(seconds=limits.heartbeat or 60),
        retry_policy=RETRY,
        summary=step.name,
    )


@workflow.defn
class RowByHand:
    """Steps in a row, each with the result of the one before."""

    @workflow.run
    async def run(self, plan: Plan) -> str:
        """Run the steps."""
        values: dict[str, Any] = {"n": 0, "text": plan.payload}
        for number in range(1, plan.steps + 1):
            step = Step(f"step {number}", {"n": values["n"], "text": plan.payload})
            values = await call(plan, step)
        return "completed"


@workflow.defn
class FanByHand:
    """A step, so many parallel ones behind it, and a join that reads them all."""

    @workflow.run
    async def run(self, plan: Plan) -> str:
        """Run the steps."""
        first = await call(plan, Step("first", {"n": 0, "text": plan.payload}))
        middle = await asyncio.gather(
            *(
                call(plan, Step(f"step {number}", {"n": first["n"], "text": plan.payload}))
                for number in range(1, plan.steps + 1)
            )
        )
        await call(plan, Step("join", {f"n{n}": values["n"] for n, values in enumerate(middle)}))
        return "completed"


@workflow.defn
class EmptyByHand:
    """Nothing at all: the floor of what a workflow costs."""

    @workflow.run
    async def run(self, plan: Plan) -> str:
        """Return at once."""
        return "completed"
