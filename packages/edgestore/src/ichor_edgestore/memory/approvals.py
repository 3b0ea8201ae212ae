"""Approvals and the decisions of people, in memory."""

from collections.abc import Collection

import msgspec
from msgspec.structs import replace

from ichor_core.contract import TERMINAL_STATUSES, Approval, ApprovalStatus, Decision
from ichor_core.ids import ExecutionId, RuleId
from ichor_edgestore.approvals.records import ApprovalFilter, StoredApproval
from ichor_edgestore.approvals.store import no_approval
from ichor_edgestore.database.paging import DEFAULT_LIMIT, Page, page_of
from ichor_edgestore.memory.state import MemoryState, copied, now


class MemoryApprovalStore:
    """`ichor_edgestore.approvals.store.PostgresApprovalStore` in memory."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def open_approval(self, approval: Approval, rule_id: RuleId) -> None:
        """Store a pending approval; opening it again changes nothing."""
        if approval.id in self._state.approvals:
            return
        execution = self._state.executions.get(approval.execution_id)
        late = execution is not None and execution.status in TERMINAL_STATUSES
        added = {
            "rule_id": rule_id or None,
            "status": "withdrawn" if late else "pending",
            "created_at": now(),
            "closed_at": now() if late else None,
        }
        fields = msgspec.structs.asdict(copied(approval, Approval)) | added
        self._state.approvals[approval.id] = msgspec.convert(fields, StoredApproval)

    async def record_decision(self, decision: Decision, status: ApprovalStatus) -> None:
        """Store a decision that the workflow took, and the status after it; once a user."""
        approval = await self.get(decision.approval_id)
        taken = replace(copied(decision, Decision), decided_at=decision.decided_at or now())
        if all(one.user != taken.user for one in approval.decisions):
            decisions = sorted([*approval.decisions, taken], key=_order)
            self._state.approvals[approval.id] = replace(approval, decisions=decisions)
        _close(self._state, approval.id, status, of=("pending", "withdrawn"))

    async def close_approval(self, approval_id: str, status: ApprovalStatus) -> None:
        """Set the status of a pending approval; of one that was closed it changes nothing."""
        _close(self._state, approval_id, status)

    async def get(self, approval_id: str) -> StoredApproval:
        """Return an approval."""
        approval = self._state.approvals.get(approval_id)
        if approval is None:
            raise no_approval(approval_id)
        return approval

    async def list(
        self,
        filter: ApprovalFilter | None = None,
        cursor: str | None = None,
        limit: int = DEFAULT_LIMIT,
    ) -> Page[StoredApproval]:
        """Return a page of approvals, the newest first."""
        wanted = filter or ApprovalFilter()
        found = [item for item in self._state.approvals.values() if _is_wanted(item, wanted)]
        return page_of(found, cursor, limit)


def withdraw_approvals(state: MemoryState, execution_id: ExecutionId) -> None:
    """Withdraw the pending approvals of an execution that has ended."""
    for approval in list(state.approvals.values()):
        if approval.execution_id == execution_id:
            _close(state, approval.id, "withdrawn")


def _close(
    state: MemoryState,
    approval_id: str,
    status: ApprovalStatus,
    of: Collection[ApprovalStatus] = ("pending",),
) -> None:
    approval = state.approvals.get(approval_id)
    if approval is not None and approval.status in of and status != "pending":
        state.approvals[approval_id] = replace(approval, status=status, closed_at=now())


def _order(decision: Decision) -> tuple[object, str]:
    return decision.decided_at, decision.user


def _is_wanted(approval: StoredApproval, filter: ApprovalFilter) -> bool:
    return (
        filter.status in (None, approval.status)
        and filter.execution_id in (None, approval.execution_id)
        and _may_decide(approval, filter)
    )


def _may_decide(approval: StoredApproval, filter: ApprovalFilter) -> bool:
    user = filter.user
    if user is None:
        return not filter.roles or approval.approvers.include("", filter.roles)
    decided = any(one.user == user for one in approval.decisions)
    return (
        approval.approvers.include(user, filter.roles)
        and (approval.allow_requester or approval.requester != user)
        and not (decided and approval.status == "pending")
    )
