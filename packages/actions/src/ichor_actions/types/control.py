"""Actions that decide, compute or wait, without effects outside the execution."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from msgspec import Meta, Struct, field

from ichor_actions.attempt import ActionAttempt
from ichor_actions.definition.action import action
from ichor_actions.definition.conditions import ConditionData, read_condition
from ichor_actions.definition.constraints import given, one_of
from ichor_actions.definition.durations import MAX_DURATION, Duration, read_duration
from ichor_actions.errors import ConfigError, config_errors
from ichor_core.expressions import condition_holds
from ichor_core.formats import TIME, read_time
from ichor_core.graph import OUTPUTS, Output, output_of_decision


class ConditionConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """The config of `evaluate_condition`."""

    condition: ConditionData
    """`field` is a reference without braces; `value` may hold templates."""


class ConditionResult(Struct, frozen=True):
    """The result of `evaluate_condition`."""

    result: bool
    branch_taken: Output


@action(
    type="evaluate_condition",
    title="Evaluate condition",
    kind="local",
    outcomes=OUTPUTS,
    reference_keys=("field",),
)
async def evaluate_condition(config: ConditionConfig, attempt: ActionAttempt) -> ConditionResult:
    """Takes the true branch if the condition holds, else the false branch."""
    holds = condition_holds(read_condition(config.condition, attempt, "condition"), attempt.lookup)
    return ConditionResult(holds, output_of_decision(holds))


class SetValuesConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """The config of `set_values`."""

    values: dict[str, Any]
    """The result; later actions refer to it as `{{name.key}}`."""


@action(type="set_values", title="Set values", kind="local", result_key="values")
async def set_values(config: SetValuesConfig, attempt: ActionAttempt) -> dict[str, Any]:
    """Returns its values, with templates resolved, as its result."""
    return config.values


_EITHER = "give either for or until"


class DelayConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """The config of `delay`: exactly one of `for` and `until`, at most a year."""

    for_: Duration | None = field(default=None, name="for")
    """Time to wait."""
    until: Annotated[str, Meta(extra_json_schema={"format": TIME})] | None = None
    """A time in ISO 8601, in UTC unless it has a zone; a past time ends the delay at once."""

    def __post_init__(self) -> None:
        if (self.for_ is None) == (self.until is None):
            raise ValueError(_EITHER)


class DelayResult(Struct, frozen=True):
    """The result of `delay`."""

    until: datetime
    """The time at which the delay ends, in UTC."""
    waited: float
    """Seconds from its start until then."""


@action(
    type="delay",
    title="Delay",
    kind="timer",
    constraints=(one_of(_EITHER, given("for"), given("until")),),
)
async def delay(config: DelayConfig, attempt: ActionAttempt) -> DelayResult:
    """Waits for a duration or until a time, without holding a worker."""
    now = datetime.now(UTC)
    if config.until is not None:
        with config_errors():
            until = max(read_time(config.until, "$.until"), now)
    else:
        assert config.for_ is not None
        until = now + read_duration(config.for_, "$.for")
    if until - now > MAX_DURATION:
        raise ConfigError("more than a year ahead", "$.until")
    return DelayResult(until, (until - now) / timedelta(seconds=1))
