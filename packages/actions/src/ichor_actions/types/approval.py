"""Human actions: they ask people, and wait for the decision."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Annotated, Any, TypeVar

from msgspec import Meta, Struct, field
from msgspec.structs import replace

from ichor_actions.attempt import ActionAttempt
from ichor_actions.definition.action import FunctionAction, action
from ichor_actions.definition.constraints import Constraint
from ichor_actions.errors import ActionDefinitionError
from ichor_core.contract import (
    ApprovalOutcome,
    ApprovalPolicy,
    Approvers,
    Vote,
)
from ichor_core.graph import OUTPUTS, Output
from ichor_core.limits import Limits

C = TypeVar("C", bound=Struct)

DEFAULT_DEADLINE = timedelta(days=7)

Title = Annotated[str, Meta(min_length=1, max_length=500)]


class ApprovalDraft(Struct, frozen=True, kw_only=True):
    """The question to people; the handler of a human action returns it."""

    title: Title
    message: Annotated[str, Meta(max_length=20_000)] = ""
    form: dict[str, Any] = field(default_factory=dict[str, Any])
    """JSON Schema of the form that the decider fills in; empty: no form."""
    approvers: Approvers = Approvers()
    """Who may decide; empty: everybody."""
    policy: ApprovalPolicy = "any"
    needed: Annotated[int, Meta(ge=1)] = 1
    """Number of approvals that the policy `n_of` takes."""
    deadline: timedelta = DEFAULT_DEADLINE
    """Time until it is `timed_out`."""
    reminders: tuple[timedelta, ...] = ()
    """Times after which the approvers are reminded; those past the deadline are ignored."""
    requester: str = ""
    """Who wants it, and cannot decide it unless `allow_requester`."""
    allow_requester: bool = False


class ApprovalVote(Struct, frozen=True):
    """The decision of one person."""

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
    """The person who decided last; None where it timed out."""
    comment: str
    form: dict[str, Any]
    """The form as this person filled it in."""
    decisions: list[ApprovalVote]


def human_action(
    *,
    type: str,
    title: str,
    description: str = "",
    limits: Limits = Limits(),  # noqa: B008 - frozen
    constraints: tuple[Constraint, ...] = (),
) -> Callable[
    [Callable[[C, ActionAttempt], Awaitable[ApprovalDraft]]], FunctionAction[C, ApprovalDraft]
]:
    """Make a human action of a function ``async def ask(config, attempt) -> ApprovalDraft``.

    The function returns the question and the approvers; all human actions wait, decide and
    return the same way.

    Raises:
        ActionDefinitionError: the function or its specification cannot be such an action.
    """

    def decorate(
        function: Callable[[C, ActionAttempt], Awaitable[ApprovalDraft]],
    ) -> FunctionAction[C, ApprovalDraft]:
        make = action(
            type=type,
            title=title,
            kind="human",
            description=description,
            limits=limits,
            outcomes=OUTPUTS,
            constraints=constraints,
        )
        made = make(function)
        if made.spec.result is not ApprovalDraft:
            raise ActionDefinitionError(
                f"{made.source}: a human action must return an ApprovalDraft"
            )
        made.spec = replace(made.spec, result=ApprovalResult, request=ApprovalDraft)
        return made

    return decorate
