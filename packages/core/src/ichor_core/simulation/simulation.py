"""Simulation: runs a graph in memory, with given results."""

from collections import deque
from collections.abc import Mapping
from typing import Any, cast

from msgspec import Struct, field

from ichor_core.action_type import ActionType
from ichor_core.contract.execution import FailureInfo
from ichor_core.errors import ConditionError, InvalidInputError, TemplateError
from ichor_core.execution.context_plan import ContextPlan
from ichor_core.execution.marking import Marking
from ichor_core.execution.outcome import EndStatus, end_status
from ichor_core.explain import suggest
from ichor_core.expressions.template import resolve_templates
from ichor_core.graph.definition import GraphDefinition
from ichor_core.graph.executor import GraphExecutor
from ichor_core.ids import ActionId
from ichor_core.simulation.computed_results import ComputedResults
from ichor_core.validation.checks import validate
from ichor_core.validation.issues import InvalidGraphError, Issue

ERROR_KEY = "$error"


class Simulation(Struct, frozen=True, kw_only=True):
    """The outcome of a simulated execution."""

    status: EndStatus
    executed: list[ActionId]
    """Actions that ran, failed ones included, in the order in which they would start."""
    skipped: list[ActionId]
    blocked: list[ActionId]
    failed: list[ActionId]
    failures: list[FailureInfo] = field(default_factory=list[FailureInfo])
    configs: dict[ActionId, dict[str, Any]] = field(default_factory=dict[ActionId, dict[str, Any]])
    """Config of each action that ran, templates resolved; only where trigger data was given."""
    issues: list[Issue] = field(default_factory=list[Issue])
    """Decisions whose branch the given results leave open, so that none is taken."""


def simulate(
    graph: GraphDefinition,
    results: Mapping[str, Any] | None = None,
    trigger_data: Mapping[str, Any] | None = None,
    *,
    types: Mapping[str, ActionType] | None = None,
) -> Simulation:
    """Run a graph in memory.

    Args:
        graph: a graph without errors.
        results: by an action's id or name, its result; `{"$error": "message"}` makes the action
            fail. A result that is not given is computed if no worker is needed, else it is `{}`.
        trigger_data: if given, configs are resolved against it and the results, and an action
            whose templates cannot be resolved fails; `evaluate_condition` is evaluated.
        types: the types of the actions; they say which results follow from a config.

    Returns:
        The outcome; actions that become ready together start in edge order.

    Raises:
        InvalidGraphError: the graph has errors.
        InvalidInputError: `results` names an unknown action, or a result is not an object.
    """
    issues = validate(graph)
    if any(issue.severity == "error" for issue in issues):
        raise InvalidGraphError(issues)
    executor = GraphExecutor(graph)
    computed = ComputedResults(executor, types or {})
    given = _by_id(executor, results or {})
    marking = Marking(executor)
    plan = ContextPlan(executor, computed.policies)
    done: dict[str, dict[str, Any]] = {}
    failures: list[FailureInfo] = []
    configs: dict[ActionId, dict[str, Any]] = {}
    executed: list[ActionId] = []
    found: list[Issue] = []
    queue = deque(marking.start())
    while queue:
        action = executor.get_action(queue.popleft())
        executed.append(action.id)
        result = given.get(action.id)
        message = None if result is None else result.get(ERROR_KEY)
        if trigger_data is not None:
            needs = plan.needs(executor.number[action.id])
            context = needs.context(trigger_data, done)
            try:
                configs[action.id] = resolve_templates(action.config, context)
                if result is None:
                    result = computed.compute(action, configs[action.id], context)
            except (TemplateError, ConditionError) as error:
                message = str(error)
        if message is not None:
            failures.append(
                FailureInfo(str(message), "", action.id, action.name, action.action_type)
            )
            marking.fail(action.id)
            continue
        if result is None:
            computed.unknown.add(action.name)
        done[action.name] = result or {}
        found.extend(computed.branch_issues(action, done[action.name]))
        queue.extend(marking.complete(action.id, done[action.name]))
    failed = marking.with_status("failed")
    return Simulation(
        status=end_status(executor, failed),
        executed=executed,
        skipped=marking.with_status("skipped"),
        blocked=marking.with_status("blocked"),
        failed=failed,
        failures=failures,
        configs=configs,
        issues=found,
    )


def _by_id(executor: GraphExecutor, results: Mapping[str, Any]) -> dict[ActionId, dict[str, Any]]:
    by_name = {action.name: action.id for action in executor.actions}
    given: dict[ActionId, dict[str, Any]] = {}
    for key, result in results.items():
        lowered = ActionId(key.lower())
        action_id = lowered if lowered in executor.number else by_name.get(key)
        if action_id is None:
            raise InvalidInputError(
                f"no action has the id or name {key!r}; {suggest(key, sorted(by_name))}",
                "$",
            )
        if not isinstance(result, Mapping):
            raise InvalidInputError("a result must be an object", f"$.{key}")
        given[action_id] = dict(cast(Mapping[str, Any], result))
    return given
