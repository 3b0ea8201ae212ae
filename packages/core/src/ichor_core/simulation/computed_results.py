"""Results that follow from a config and its context, without any worker."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from ichor_core.action_type import EVALUATE_CONDITION, ActionPolicy, ActionType
from ichor_core.expressions.comparison import condition_holds
from ichor_core.expressions.condition import check_fields, parse_condition
from ichor_core.expressions.context import MergedContext
from ichor_core.expressions.template import context_lookup
from ichor_core.graph.definition import ActionNode
from ichor_core.graph.edge_types import named_output, output_of_decision
from ichor_core.graph.executor import GraphExecutor
from ichor_core.validation.issues import Issue, warning_of

_DECIDES = ActionPolicy("local", reference_keys=("field",))


class ComputedResults:
    """Computes the results that need no worker, in one simulated execution.

    Args:
        executor: the graph.
        types: the types of its actions, as far as they are known.
    """

    def __init__(self, executor: GraphExecutor, types: Mapping[str, ActionType]) -> None:
        self._executor = executor
        self._types = types
        self.policies: dict[str, ActionPolicy] = {EVALUATE_CONDITION: _DECIDES}
        """Policies by action type."""
        self.policies.update((name, described.policy) for name, described in types.items())
        self.unknown: set[str] = set()
        """Names of actions that completed with an unknown result."""
        self._reasons: dict[str, str] = {}

    def compute(
        self, action: ActionNode, config: Mapping[str, Any], context: MergedContext
    ) -> dict[str, Any] | None:
        """Return a result, or None where only a worker could give it.

        Args:
            action: as it stands in the graph.
            config: its config, templates resolved.
            context: its context.

        Raises:
            ConditionError: its condition does not parse or cannot be evaluated.
            TemplateError: a field of its condition is not a reference.
        """
        if action.action_type == EVALUATE_CONDITION and "condition" in action.config:
            unknown = sorted(self.unknown & context.action_results.keys())
            if unknown:
                self._reasons[action.name] = f"the result of {unknown[0]!r} is not given"
                return None
            check_fields(parse_condition(action.config["condition"], "$.condition"))
            condition = parse_condition(config["condition"], "$.condition")
            holds = condition_holds(condition, context_lookup(context))
            return {"result": holds, "branch_taken": output_of_decision(holds)}
        described = self._types.get(action.action_type)
        value = config.get(described.result_key) if described else None
        return cast(dict[str, Any], value) if isinstance(value, dict) else None

    def branch_issues(self, action: ActionNode, result: Mapping[str, Any]) -> Iterator[Issue]:
        """Yield an issue if the action has branches and its result takes none of them."""
        edges = self._executor.outgoing[self._executor.number[action.id]]
        if named_output(result) is not None or all(edge.output is None for edge in edges):
            return
        reason = self._reasons.get(action.name)
        if reason is None and action.action_type == EVALUATE_CONDITION:
            reason = "it is evaluated only with trigger_data and without a given result"
        why = f": {reason}" if reason else ""
        yield warning_of(
            "branch_never_taken",
            f"{action.name!r} has no branch_taken in results, so neither branch is taken{why}",
            action,
        )
