"""Runs an action without a worker, for tests of actions of one's own."""

from typing import Any

from ichor_actions.definition.action import Action
from ichor_actions.execute import execute_action
from ichor_actions.registry import Registry
from ichor_core.contract import ActionActivityInput
from ichor_core.expressions import MergedContext
from ichor_core.ids import ActionId, ExecutionId, RuleId

RULE_ID = RuleId("00000000-0000-4000-8000-000000000001")
EXECUTION_ID = ExecutionId("00000000-0000-4000-8000-000000000002")
ACTION_ID = ActionId("00000000-0000-4000-8000-000000000003")


async def run_action(  # noqa: PLR0913 - all but two have defaults
    action: Action,
    config: dict[str, Any],
    trigger_data: dict[str, Any] | None = None,
    results: dict[str, dict[str, Any]] | None = None,
    *,
    attempt: int = 1,
    visit: int = 0,
) -> dict[str, Any]:
    """Run one attempt as a worker does, and return the result as plain JSON data.

    Every call is for the same action of the same execution. So a second one is what a crash would
    lead to: it must change nothing, and return what the first one did.

    Args:
        action: what its module defines, or what its function of resources returns.
        config: `action_config` as it stands in a graph, templates included.
        trigger_data: the event's fields that templates refer to.
        results: those of earlier actions that templates refer to, by the action's name.
        attempt: from 1.
        visit: that of another visit is another effect.

    Raises:
        ActionError: see `ichor_actions.errors`.
        InvalidInputError: a template that finds nothing, a condition that cannot compare.
    """
    call = ActionActivityInput(
        action_id=ACTION_ID,
        action_name="tested",
        action_type=action.spec.type,
        config=config,
        context=MergedContext(trigger_data or {}, results or {}),
        rule_id=RULE_ID,
        execution_id=EXECUTION_ID,
        visit=visit,
    )
    return await execute_action(Registry([action]), call, attempt)
