"""The table of action kinds: everything in which the actions of one kind differ from the others.

A kind is added here, to `ichor_core.action_type`, and nowhere else among the workflows.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from msgspec import Struct
from temporalio import workflow

from ichor_core.action_type import ActionKind, ActionPolicy
from ichor_core.contract import (
    ActionActivityInput,
    ActionActivityOutput,
)
from ichor_core.graph import ActionNode
from ichor_core.ids import ActionId
from ichor_core.limits import Limits
from ichor_workflows.v2.action_call import (
    LOCAL_ELSEWHERE,
    call_activity,
    call_local_activity,
    open_approval,
    wait_for_reply,
)
from ichor_workflows.v2.waiting import Waits

Begin = Callable[[ActionActivityInput, Limits, Waits, bool], Awaitable[ActionActivityOutput | None]]
"""Runs an action up to its durable wait, if it has one; None: the wait gives the result.

The last argument: whether it may hold the workflow task by a local activity."""
Wait = Callable[[Waits, ActionId], Awaitable[dict[str, Any]]]
"""Waits durably, and returns the result."""


class Kind(Struct, frozen=True, kw_only=True):
    """Way in which the actions of one kind run."""

    begin: Begin
    wait: Wait | None = None
    """None: the action has ended when `begin` returns. Otherwise it waits durably: it holds no
    place among those in flight, hinders no continue-as-new and stays out of child workflows."""
    has_local_limit: bool = False
    """Whether `max_local_in_flight` counts it while it runs locally, not `max_in_flight`."""
    sends_input: bool = False
    """Whether its input counts toward the message of the workflow task that starts it; that of an
    action that runs outside the task always does."""
    sends_output: bool = False
    """Whether its output counts toward the message of the workflow task in which it ends."""
    may_close: bool = False
    """Whether the last action of an execution may store the execution's end with its own."""


async def _run_local(
    call: ActionActivityInput, limits: Limits, _waits: Waits, local: bool
) -> ActionActivityOutput:
    if local:
        return await call_local_activity(call, limits)
    return await call_activity(call, limits.over(LOCAL_ELSEWHERE))


async def _run(
    call: ActionActivityInput, limits: Limits, _waits: Waits, _local: bool
) -> ActionActivityOutput:
    return await call_activity(call, limits)


async def _request(
    call: ActionActivityInput, limits: Limits, _waits: Waits, _local: bool
) -> ActionActivityOutput:
    return await wait_for_reply(call, limits)


async def _set_timer(
    call: ActionActivityInput, limits: Limits, waits: Waits, local: bool
) -> ActionActivityOutput:
    output = await _run_local(call, limits, waits, local)
    waits.wakes[call.action_id] = output.result
    return output


async def _ask_people(call: ActionActivityInput, limits: Limits, waits: Waits, local: bool) -> None:
    call.workflow_id = workflow.info().workflow_id
    waits.approvals[call.action_id] = await open_approval(call, limits, local=local)


KINDS: Mapping[ActionKind, Kind] = {
    "local": Kind(begin=_run_local, has_local_limit=True, sends_output=True, may_close=True),
    "sync": Kind(begin=_run, sends_input=True),
    "async": Kind(begin=_request, sends_input=True),
    "human": Kind(begin=_ask_people, wait=Waits.for_decision),
    "timer": Kind(begin=_set_timer, wait=Waits.for_time, sends_input=True),
}

UNKNOWN_TYPE_POLICY = ActionPolicy("sync")
"""Policy of an action whose type has none; its activity then says that the type is unknown."""


def policy_of(action: ActionNode, policies: Mapping[str, ActionPolicy]) -> ActionPolicy:
    """Return how an action of a graph runs, by the policies in the workflow's input."""
    return policies.get(action.action_type, UNKNOWN_TYPE_POLICY)


def kind_of(action: ActionNode, policies: Mapping[str, ActionPolicy]) -> Kind:
    """Return the kind of an action of a graph."""
    return KINDS[policy_of(action, policies).kind]
