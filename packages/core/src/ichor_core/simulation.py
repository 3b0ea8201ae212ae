"""Runs a graph without any server, with given results."""

from collections import deque
from collections.abc import Mapping
from typing import Any, cast

from msgspec import Struct, field

from ichor_core.action_type import ActionPolicy
from ichor_core.contract import FailureInfo
from ichor_core.errors import InvalidGraphError, InvalidInputError, TemplateError
from ichor_core.executor import GraphExecutor
from ichor_core.graph import GraphDefinition
from ichor_core.ids import ActionId
from ichor_core.marking import Marking
from ichor_core.outcome import EndStatus, end_status
from ichor_core.references import ContextPlan
from ichor_core.template import resolve
from ichor_core.validation import validate

ERROR_KEY = "$error"


class Simulation(Struct, frozen=True):
    """What would happen."""

    status: EndStatus
    executed: list[ActionId]
    """Actions that ran, failed ones included, in the order in which they would start."""
    skipped: list[ActionId]
    blocked: list[ActionId]
    failed: list[ActionId]
    failures: list[FailureInfo] = field(default_factory=list[FailureInfo])
    configs: dict[ActionId, dict[str, Any]] = field(default_factory=dict[ActionId, dict[str, Any]])
    """Config of each action that ran, templates resolved; only where trigger data was given."""


def simulate(
    graph: GraphDefinition,
    results: Mapping[str, Any] | None = None,
    trigger_data: Mapping[str, Any] | None = None,
    *,
    policies: Mapping[str, ActionPolicy] | None = None,
) -> Simulation:
    """Run a graph in memory.

    Args:
        graph: a graph without structural errors.
        results: by an action's id or name, its result; `{}` where it is not given;
            `{"$error": "message"}` makes the action fail.
        trigger_data: if given, configs are resolved against it and the results, and an action
            whose templates cannot be resolved fails.
        policies: how action types run; only their reference keys matter here.

    Returns:
        What ran, in start order; actions that become ready together start in edge order.

    Raises:
        InvalidGraphError: the graph has errors.
        InvalidInputError: `results` names an unknown action, or a result is no object.
    """
    issues = validate(graph)
    if any(issue.severity == "error" for issue in issues):
        raise InvalidGraphError(issues)
    executor = GraphExecutor(graph)
    given = _by_id(executor, results or {})
    marking = Marking(executor)
    plan = ContextPlan(executor, policies or {})
    done: dict[str, dict[str, Any]] = {}
    failures: list[FailureInfo] = []
    configs: dict[ActionId, dict[str, Any]] = {}
    executed: list[ActionId] = []
    queue = deque(marking.start())
    while queue:
        action = executor.get_action(queue.popleft())
        executed.append(action.id)
        result = given.get(action.id, {})
        message = result.get(ERROR_KEY)
        if trigger_data is not None:
            context = plan.needs(executor.number[action.id]).context(trigger_data, done)
            try:
                configs[action.id] = resolve(action.config, context)
            except TemplateError as error:
                message = str(error)
        if message is not None:
            failures.append(
                FailureInfo(str(message), "", action.id, action.name, action.action_type)
            )
            marking.fail(action.id)
            continue
        done[action.name] = result
        queue.extend(marking.complete(action.id, result))
    failed = marking.with_status("failed")
    return Simulation(
        status=end_status(executor, failed),
        executed=executed,
        skipped=marking.with_status("skipped"),
        blocked=marking.with_status("blocked"),
        failed=failed,
        failures=failures,
        configs=configs,
    )


def _by_id(executor: GraphExecutor, results: Mapping[str, Any]) -> dict[ActionId, dict[str, Any]]:
    by_name = {action.name: action.id for action in executor.actions}
    given: dict[ActionId, dict[str, Any]] = {}
    for key, result in results.items():
        lowered = ActionId(key.lower())
        action_id = lowered if lowered in executor.number else by_name.get(key)
        if action_id is None:
            raise InvalidInputError(
                f"no action has the id or name {key!r}; there are: "
                f"{', '.join(sorted(by_name)[:20])}",
                "$",
            )
        if not isinstance(result, Mapping):
            raise InvalidInputError("a result must be an object", f"$.{key}")
        given[action_id] = dict(cast(Mapping[str, Any], result))
    return given
