"""Actions that ask people, and wait for what they decide."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta, Struct, field
from msgspec.structs import replace

from ichor_actions.attempt import ActionRun
from ichor_actions.definition.action import FunctionAction, action
from ichor_actions.definition.constraints import Rule
from ichor_actions.definition.durations import MAX_DURATION
from ichor_actions.errors import ActionDefinitionError, ConfigError, RefusedError, ResultError
from ichor_actions.execute import execute_action
from ichor_actions.registry import Registry
from ichor_actions.types.approval_form import check_form
from ichor_core.contract import (
    ActionActivityInput,
    ApprovalOutcome,
    ApprovalPolicy,
    Approvers,
    Vote,
    check_policy,
)
from ichor_core.errors import InvalidInputError
from ichor_core.graph import OUTPUTS, Output
from ichor_core.limits import Limits

C = TypeVar("C", bound=Struct)

DEFAULT_DEADLINE = timedelta(days=7)

Title = Annotated[str, Meta(min_length=1, max_length=500)]


class ApprovalDraft(Struct, frozen=True, kw_only=True):
    """What people are asked; the handler of a human action returns it."""

    title: Title
    message: Annotated[str, Meta(max_length=20_000)] = ""
    form: dict[str, Any] = field(default_factory=dict[str, Any])
    """JSON Schema of what the decider fills in; empty: nothing."""
    approvers: Approvers = Approvers()
    """Who may decide; empty: everybody."""
    policy: ApprovalPolicy = "any"
    needed: Annotated[int, Meta(ge=1)] = 1
    """How many approvals the policy `n_of` takes."""
    deadline: timedelta = DEFAULT_DEADLINE
    """After so long it is `timed_out`."""
    reminders: tuple[timedelta, ...] = ()
    """After so long the approvers are reminded, where that is before the deadline."""
    requester: str = ""
    """Who wants it, and cannot decide it unless `allow_requester`."""
    allow_requester: bool = False


class ApprovalVote(Struct, frozen=True):
    """What one person decided."""

    user: str
    vote: Vote
    comment: str
    form: dict[str, Any]
    decided_at: datetime


class ApprovalResult(Struct, frozen=True, kw_only=True):
    """The result of every human action."""

    outcome: ApprovalOutcome
    branch_taken: Output
    """`true_branch` if it was approved, else `false_branch`."""
    approval_id: str
    decided_by: str | None
    """Whose decision was the last; None where it timed out."""
    comment: str
    form: dict[str, Any]
    """What this person filled in."""
    decisions: list[ApprovalVote]


def human_action(
    *,
    type: str,
    title: str,
    description: str = "",
    limits: Limits = Limits(),  # noqa: B008 - frozen
    rules: tuple[Rule, ...] = (),
) -> Callable[
    [Callable[[C, ActionRun], Awaitable[ApprovalDraft]]], FunctionAction[C, ApprovalDraft]
]:
    """Make a human action of a function ``async def ask(config, run) -> ApprovalDraft``.

    The function says who is asked what; waiting, deciding and the result are the same for all.

    Raises:
        ActionDefinitionError: the function, or what is said of it, cannot be such an action.
    """

    def decorate(
        function: Callable[[C, ActionRun], Awaitable[ApprovalDraft]],
    ) -> FunctionAction[C, ApprovalDraft]:
        make = action(
            type=type,
            title=title,
            kind="human",
            description=description,
            limits=limits,
            outcomes=OUTPUTS,
            rules=rules,
        )
        made = make(function)
        if made.spec.result is not ApprovalDraft:
            raise ActionDefinitionError(f"{made.source}: a human action returns an ApprovalDraft")
        made.spec = replace(made.spec, answer=ApprovalResult)
        return made

    return decorate


async def ask_people(
    registry: Registry, call: ActionActivityInput, attempt: int = 1
) -> ApprovalDraft:
    """Run the handler of a human action and return what people are asked.

    Raises:
        ActionError: as `execute_action`; a form that is no JSON Schema, a policy that could never
            be fulfilled.
        InvalidInputError: as `execute_action`.
    """
    if registry.get(call.action_type).spec.kind != "human":
        raise RefusedError(f"{call.action_type} is no human action on this worker")
    plain = await execute_action(registry, call, attempt)
    try:
        draft = msgspec.convert(plain, ApprovalDraft)
    except msgspec.ValidationError as error:
        raise ResultError(f"{call.action_type} asks what cannot be asked: {error}") from error
    if not timedelta(0) < draft.deadline <= MAX_DURATION:
        raise ResultError(f"{call.action_type} gives no time, or more than a year")
    check_form(draft.form, "$.form")
    try:
        check_policy(draft.approvers, draft.policy, draft.needed)
    except InvalidInputError as error:
        raise ConfigError(error.message, error.path) from error
    return draft
