"""Approvals: requests to people, their decisions, and the outcome.

Pure: the waiting workflow, the API that takes decisions and the store share these structs and the
one way from decisions to the outcome.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from unicodedata import normalize

from msgspec import Meta, Struct, field

from ichor_core.contract.value_references import REFERENCE_KEY, is_offloaded
from ichor_core.errors import InvalidInputError
from ichor_core.explain import listed
from ichor_core.graph.edge_types import output_of_decision
from ichor_core.ids import ActionId, ExecutionId

Vote = Literal["approved", "rejected"]
ApprovalOutcome = Literal["approved", "rejected", "timed_out"]
ApprovalStatus = Literal["pending", "approved", "rejected", "timed_out", "withdrawn"]
ApprovalPolicy = Literal["any", "all", "n_of"]

MAX_APPROVERS_LISTED = 10
"""Most users or roles that a message lists."""
APPROVAL_RULES = 2
"""The newest way from decisions to the outcome; an approval keeps the one it was opened with."""


def name_key(name: str) -> str:
    """Return what names of one person have in common: blanks, case and composition do not count."""
    return normalize("NFC", normalize("NFC", name.strip()).casefold())


def name_keys(names: Iterable[str]) -> set[str]:
    """Return the keys of names, each once."""
    return {name_key(name) for name in names}


class Approvers(Struct, frozen=True, omit_defaults=True):
    """People who may decide: the named users, and users with one of the roles."""

    users: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()

    def include(self, user: str, roles: Sequence[str] = ()) -> bool:
        """Say whether a user with these roles is among them; an empty list means everybody."""
        if not self.users and not self.roles:
            return True
        return name_key(user) in name_keys(self.users) or not name_keys(self.roles).isdisjoint(
            name_keys(roles)
        )


class Approval(Struct, omit_defaults=True, kw_only=True):
    """A request that people decide, as the workflow carries it while it waits."""

    id: str
    """UUID text, derived from execution, action and visit, so that opening it twice opens one."""
    execution_id: ExecutionId
    action_id: ActionId
    action_name: str
    deadline: datetime
    """Time at which the approval is `timed_out`."""
    workflow_id: str = ""
    """The workflow that waits: the execution's, or a branch of it."""
    title: str = ""
    message: str = ""
    form: dict[str, Any] = field(default_factory=dict[str, Any])
    """JSON Schema of the form that the decider fills in; empty: no form."""
    approvers: Approvers = Approvers()
    policy: ApprovalPolicy = "any"
    needed: Annotated[int, Meta(ge=1)] = 1
    """Approvals that the policy `n_of` needs."""
    requester: str = ""
    allow_requester: bool = False
    """Whether the requester may decide."""
    rules: int = 1
    """The way from decisions to the outcome: see `approval_outcome`."""
    reminders: list[datetime] = field(default_factory=list[datetime])
    """Times of the reminders still to be sent, sorted."""
    decisions: list["Decision"] = field(default_factory=list["Decision"])
    """Decisions so far, in the order of arrival."""


class Decision(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The decision of one person."""

    approval_id: str
    vote: Vote
    user: str
    roles: tuple[str, ...] = ()
    comment: str = ""
    form: dict[str, Any] = field(default_factory=dict[str, Any])
    decided_at: datetime | None = None
    """Time of the decision, set by the workflow."""


class DecisionResult(Struct, frozen=True, omit_defaults=True):
    """The result of the update `decide_approval`, for a decision that was accepted."""

    status: ApprovalStatus
    """`pending` while further decisions are needed."""
    decisions: int


class RecordedDecision(Struct, frozen=True):
    """The argument of `RecordDecisionActivity`."""

    decision: Decision
    status: ApprovalStatus
    """Status of the approval after the decision."""


class ClosedApproval(Struct, frozen=True):
    """The argument of `CloseApprovalActivity`."""

    approval_id: str
    status: ApprovalStatus


def check_decision(approval: Approval, decision: Decision) -> str | None:
    """Return the reason why this user cannot decide this approval now, or None."""
    if not approval.approvers.include(decision.user, decision.roles):
        approvers = _described(approval.approvers)
        roles = listed(decision.roles, MAX_APPROVERS_LISTED) or "none"
        return f"{decision.user!r} is not among the approvers ({approvers}); roles given: {roles}"
    user = name_key(decision.user)
    if approval.requester and user == name_key(approval.requester) and not approval.allow_requester:
        return f"{decision.user!r} requested this approval and cannot decide it"
    if is_offloaded(decision.form):
        # The form is a value of the action's result, where it would be taken for a reference.
        return f"a form cannot have {REFERENCE_KEY!r} as its only field"
    if any(name_key(one.user) == user for one in approval.decisions):
        return f"{decision.user!r} has decided already"
    return None


def _described(approvers: Approvers) -> str:
    return "; ".join(
        f"{kind} {listed(names, MAX_APPROVERS_LISTED)}"
        for kind, names in (("users", approvers.users), ("roles", approvers.roles))
        if names
    )


def approval_outcome(approval: Approval) -> ApprovalOutcome | None:
    """Return the outcome of the decisions so far, or None while more are needed.

    `any`: the first decision counts. `all`: every named user must approve, and for each named role
    somebody who has it; a person may do both, and the first rejection rejects. `n_of`: `needed`
    approvals approve; where users are named and no roles, it is rejected as soon as so many can no
    longer be reached, otherwise by the first rejection. A requester who may not decide is not
    counted among the users.

    Approvals by the rules of version 1 compare names letter by letter, take any so many approvals
    as there are users for `all`, and count the requester among them.
    """
    if approval.policy == "any":
        return approval.decisions[0].vote if approval.decisions else None
    if approval.rules < APPROVAL_RULES:
        return _first_outcome(approval)
    approvals = [one for one in approval.decisions if one.vote == "approved"]
    rejected = len(approval.decisions) - len(approvals)
    users = _deciding(approval.approvers, approval.requester, approval.allow_requester)
    if approval.policy == "all":
        if rejected:
            return "rejected"
        open_users = users - name_keys(one.user for one in approvals)
        open_roles = name_keys(approval.approvers.roles) - name_keys(
            role for one in approvals for role in one.roles
        )
        return "approved" if approvals and not open_users and not open_roles else None
    if len(approvals) >= approval.needed:
        return "approved"
    if approval.approvers.users and not approval.approvers.roles:
        return "rejected" if len(users) - rejected < approval.needed else None
    return "rejected" if rejected else None


def _first_outcome(approval: Approval) -> ApprovalOutcome | None:
    approved = sum(one.vote == "approved" for one in approval.decisions)
    rejected = len(approval.decisions) - approved
    users, roles = approval.approvers.users, approval.approvers.roles
    needed = approval.needed if approval.policy == "n_of" else max(1, len(set(users)))
    if approved >= needed:
        return "approved"
    if approval.policy == "n_of" and users and not roles:
        return "rejected" if len(set(users)) - rejected < needed else None
    return "rejected" if rejected else None


def _deciding(approvers: Approvers, requester: str, allow_requester: bool) -> set[str]:
    """Return the keys of the named users who may decide."""
    users = name_keys(approvers.users)
    return users if allow_requester or not requester else users - {name_key(requester)}


def check_policy(
    approvers: Approvers,
    policy: ApprovalPolicy,
    needed: int,
    requester: str = "",
    allow_requester: bool = False,
) -> None:
    """Refuse a policy that the approvers could never fulfil.

    Raises:
        InvalidInputError: a blank name, fewer approvers than approvals that are needed, or nobody
            but the requester, who may not decide.
    """
    for kind, names in (("users", approvers.users), ("roles", approvers.roles)):
        for place, name in enumerate(names):
            if not name.strip():
                raise InvalidInputError("a name is blank", f"$.approvers.{kind}[{place}]")
    if not approvers.users or approvers.roles:
        return
    users = len(_deciding(approvers, requester, allow_requester))
    without = "" if users == len(name_keys(approvers.users)) else " beside the requester"
    if not users:
        raise InvalidInputError(
            "the only approver is the requester, who may not decide", "$.approvers.users"
        )
    if policy == "n_of" and needed > users:
        there_are = (
            "there is only 1 approver" if users == 1 else f"there are only {users} approvers"
        )
        raise InvalidInputError(f"needed is {needed}, but {there_are}{without}", "$.needed")


def approval_result(approval: Approval, outcome: ApprovalOutcome) -> dict[str, Any]:
    """Return the result of the action: the outcome, who decided, and which branch is taken."""
    last = approval.decisions[-1] if approval.decisions else None
    return {
        "outcome": outcome,
        "branch_taken": output_of_decision(outcome == "approved"),
        "approval_id": approval.id,
        "decided_by": last.user if last and outcome != "timed_out" else None,
        "comment": last.comment if last and outcome != "timed_out" else "",
        "form": last.form if last and outcome != "timed_out" else {},
        "decisions": [
            {
                "user": one.user,
                "vote": one.vote,
                "comment": one.comment,
                "form": one.form,
                "decided_at": one.decided_at.isoformat() if one.decided_at else None,
            }
            for one in approval.decisions
        ],
    }
