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
    """An approval, with the decisions so far."""

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
    """JSON Schema of the form that the decider fills in; empty: no form."""
    approvers: Approvers
    policy: ApprovalPolicy
    needed: int
    """Number of approvals that the policy `n_of` needs."""
    requester: str
    allow_requester: bool
    deadline: datetime
    status: ApprovalStatus
    created_at: datetime
    closed_at: datetime | None
    decisions: list[Decision]
    """In order of arrival."""

    def why_not(self, decision: Decision) -> str | None:
        """Return the reason why this person cannot decide it, or None; whatever its status."""
        return check_decision(convert(self, Approval, from_attributes=True), decision)


class ApprovalFilter(Struct, frozen=True):
    """A filter of approvals; None does not restrict."""

    status: ApprovalStatus | None = None
    execution_id: ExecutionIdField | None = None
    user: str | None = None
    """Approvals that this user may decide, without pending ones that the user has decided."""
    roles: tuple[str, ...] = ()
    """Approvals that one of these roles may decide; with `user`: the roles of the user."""
