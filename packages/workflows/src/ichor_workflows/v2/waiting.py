"""Durable waits: for the decision of people, and for a time.

While it waits, an action holds no activity and no worker, and does not hinder continue-as-new: the
wait is carried over, and the next run continues it.
"""

from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace
from temporalio import workflow
from temporalio.exceptions import ApplicationError

from ichor_core.contract import (
    CLOSE_APPROVAL_ACTIVITY,
    RECORD_DECISION_ACTIVITY,
    REMIND_APPROVERS_ACTIVITY,
    Approval,
    ApprovalOutcome,
    ApprovalStatus,
    Carried,
    ClosedApproval,
    Decision,
    DecisionResult,
    RecordedDecision,
    approval_outcome,
    approval_result,
    check_decision,
)
from ichor_core.ids import ActionId
from ichor_workflows.tracing import note_decisions
from ichor_workflows.v2.storage_call import call_storage, call_storage_durably

NO_APPROVAL = "NoPendingApproval"
NOT_ALLOWED = "DecisionNotAllowed"


class Waits:
    """The durable waits of the actions of one run.

    Args:
        carried: the waits of the run before.
    """

    def __init__(self, carried: Carried | None) -> None:
        self.approvals: dict[ActionId, Approval] = dict(carried.approvals) if carried else {}
        self.wakes: dict[ActionId, dict[str, Any]] = dict(carried.wakes) if carried else {}
        self._storing: list[str] = []
        """Approvals of which a decision is being stored; once for each decision."""
        self._expired: set[str] = set()

    def check(self, decision: Decision) -> None:
        """Refuse a decision that cannot be taken now; runs at once before `decide`.

        Raises:
            ApplicationError: nothing waits for it, or not from this person.
        """
        approval = self._pending(decision.approval_id)
        if approval is None:
            raise ApplicationError(
                f"approval {decision.approval_id} is not pending", type=NO_APPROVAL
            )
        reason = check_decision(approval, decision)
        if reason is not None:
            raise ApplicationError(reason, type=NOT_ALLOWED)

    async def decide(self, decision: Decision) -> DecisionResult:
        """Take a decision that `check` let through; return when it is stored."""
        approval = self._pending(decision.approval_id)
        assert approval is not None
        taken = replace(decision, decided_at=workflow.now())
        approval.decisions.append(taken)
        status: ApprovalStatus = approval_outcome(approval) or "pending"
        answer = DecisionResult(status, len(approval.decisions))
        self._storing.append(approval.id)
        try:
            await call_storage_durably(
                RECORD_DECISION_ACTIVITY, RecordedDecision(taken, status), "record decision"
            )
        finally:
            self._storing.remove(approval.id)
        return answer

    def _is_decided(self, approval: Approval) -> bool:
        # The next action must not run before history has the decision: the server may drop the
        # workflow task that took it, and another decision would be taken instead.
        return approval_outcome(approval) is not None and approval.id not in self._storing

    def _pending(self, approval_id: str) -> Approval | None:
        for approval in self.approvals.values():
            if approval.id == approval_id and approval.id not in self._expired:
                return approval if approval_outcome(approval) is None else None
        return None

    def is_waiting(self, action_id: ActionId) -> bool:
        """Say whether an action waits, also where the run before began it."""
        return action_id in self.approvals or action_id in self.wakes

    async def for_decision(self, action_id: ActionId) -> dict[str, Any]:
        """Wait until people have decided, or the deadline has passed; return the result."""
        approval = self.approvals[action_id]
        outcome = await self._outcome(approval)
        note_decisions(approval.decisions)
        return approval_result(approval, outcome)

    async def _outcome(self, approval: Approval) -> ApprovalOutcome:
        """Wait for the outcome, and remind the approvers meanwhile."""
        while True:
            reminding = bool(approval.reminders) and approval.reminders[0] < approval.deadline
            moment = approval.reminders[0] if reminding else approval.deadline
            try:
                await workflow.wait_condition(
                    lambda: self._is_decided(approval),
                    timeout=_time_to(moment),
                    timeout_summary="reminder" if reminding else "deadline",
                )
            except TimeoutError:
                if approval_outcome(approval) is not None:
                    await workflow.wait_condition(lambda: self._is_decided(approval))
                    continue
                if not reminding:
                    # From here on no decision is let through, though storage does not know yet.
                    self._expired.add(approval.id)
                    await close_approval(approval, "timed_out")
                    self.approvals.pop(approval.action_id, None)
                    return "timed_out"
                await call_storage(REMIND_APPROVERS_ACTIVITY, approval, "remind approvers")
                approval.reminders.pop(0)
                continue
            outcome = approval_outcome(approval)
            assert outcome is not None
            self.approvals.pop(approval.action_id, None)
            return outcome

    async def for_time(self, action_id: ActionId) -> dict[str, Any]:
        """Wait until the time that the timer action computed; return its result."""
        result = self.wakes[action_id]
        left = _time_to(datetime.fromisoformat(result["until"]))
        if left > timedelta(0):
            await workflow.sleep(left, summary="delay")
        return self.wakes.pop(action_id)


async def close_approval(approval: Approval, status: ApprovalStatus) -> None:
    """Store that an approval is no longer pending."""
    await call_storage(
        CLOSE_APPROVAL_ACTIVITY, ClosedApproval(approval.id, status), f"approval {status}"
    )


def _time_to(moment: datetime) -> timedelta:
    return max(moment - workflow.now(), timedelta(0))
