"""Runs an action without a worker; public, for tests of your own actions."""

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

    Every call is for the same action of the same execution. So a second call is what a crash would
    lead to: it must change nothing, and return the result of the first one.

    Args:
        action: the object that its module defines, or that its factory returns.
        config: `action_config` as in a graph, templates included.
        trigger_data: the event's fields that templates refer to.
        results: results of earlier actions that templates refer to, by action name.
        attempt: from 1.
        visit: another visit has another effect.

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
