"""Approvals as they are stored."""

from datetime import datetime
from typing import Any

from msgspec import Struct, convert

from ichor_core.contract import (
    Approval,
    ApprovalPolicy,
    ApprovalStatus,
    Approvers,
    Decision,
    check_decision,
)
from ichor_core.ids import ActionId, ExecutionId, ExecutionIdField, RuleId


class StoredApproval(Struct, frozen=True, kw_only=True):
    """A request that people decide, with the decisions so far."""

    id: str
    execution_id: ExecutionId
    action_id: ActionId
    action_name: str
    rule_id: RuleId | None
    workflow_id: str
    """The workflow that waits for the decision."""
    title: str
    message: str
    form: dict[str, Any]
    """JSON Schema of what the decider fills in; empty: nothing."""
    approvers: Approvers
    policy: ApprovalPolicy
    needed: int
    """How many approvals the policy `n_of` takes."""
    requester: str
    allow_requester: bool
    deadline: datetime
    status: ApprovalStatus
    created_at: datetime
    closed_at: datetime | None
    decisions: list[Decision]
    """In the order in which they came."""

    def why_not(self, decision: Decision) -> str | None:
        """Return why this person cannot decide this approval, or None; whatever its status."""
        return check_decision(convert(self, Approval, from_attributes=True), decision)


class ApprovalFilter(Struct, frozen=True):
    """Which approvals to list; None does not restrict."""

    status: ApprovalStatus | None = None
    execution_id: ExecutionIdField | None = None
    user: str | None = None
    """What this user may decide, and has not decided yet where it is pending."""
    roles: tuple[str, ...] = ()
    """What somebody with one of these roles may decide; with `user`: the user's roles."""
