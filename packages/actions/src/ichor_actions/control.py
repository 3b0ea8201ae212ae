"""Actions that steer a graph: they decide and compute, and change nothing outside."""

from typing import Any, Literal

from msgspec import Struct

from ichor_actions.action import action
from ichor_actions.conditions import ConditionData, read_condition
from ichor_actions.run import ActionRun
from ichor_core.condition import evaluate


class ConditionConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """The config of `evaluate_condition`."""

    condition: ConditionData
    """`field` is a reference without braces; `value` may hold templates."""


class ConditionResult(Struct, frozen=True):
    """The result of `evaluate_condition`."""

    result: bool
    branch_taken: Literal["true_branch", "false_branch"]


@action(
    type="evaluate_condition",
    title="Evaluate condition",
    kind="local",
    outcomes=("true_branch", "false_branch"),
    reference_keys=("field",),
)
async def evaluate_condition(config: ConditionConfig, run: ActionRun) -> ConditionResult:
    """Takes the true branch if the condition holds, else the false branch."""
    holds = evaluate(read_condition(config.condition, run, "condition"), run.lookup)
    return ConditionResult(holds, "true_branch" if holds else "false_branch")


class SetValuesConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """The config of `set_values`."""

    values: dict[str, Any]
    """The result; later actions refer to it as `{{name.key}}`."""


@action(type="set_values", title="Set values", kind="local")
async def set_values(config: SetValuesConfig, run: ActionRun) -> dict[str, Any]:
    """Gives its values, templates resolved, as its result."""
    return config.values
