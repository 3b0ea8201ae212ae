"""The activities of approvals: open, record decisions, close, remind."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from msgspec.structs import replace
from temporalio import activity

from ichor_actions.execute import ask_people
from ichor_actions.registry import Registry
from ichor_activities.context_values import restore_context
from ichor_activities.failures import application_error
from ichor_activities.storage import begin_attempt
from ichor_core.contract import (
    APPROVAL_RULES,
    CLOSE_APPROVAL_ACTIVITY,
    OPEN_APPROVAL_ACTIVITY,
    RECORD_DECISION_ACTIVITY,
    REMIND_APPROVERS_ACTIVITY,
    ActionActivityInput,
    Approval,
    ApprovalStore,
    ClosedApproval,
    EffectKey,
    EffectStore,
    RecordedDecision,
    ValueStore,
)
from ichor_core.errors import IchorError

MAX_ALERT_TITLE = 200


class ApprovalActivities:
    """Asks people on behalf of human actions.

    Args:
        registry: the action types of this worker.
        values: stores large values.
        approvals: stores approvals, for people to find.
        effects: stores reminders, as alerts.
    """

    def __init__(
        self,
        registry: Registry,
        values: ValueStore,
        approvals: ApprovalStore,
        effects: EffectStore,
    ) -> None:
        self._registry = registry
        self._values = values
        self._approvals = approvals
        self._effects = effects

    @activity.defn(name=OPEN_APPROVAL_ACTIVITY)
    async def open_approval(self, call: ActionActivityInput) -> Approval:
        """Ask people as the action says, and return the approval that the workflow waits for."""
        begin_attempt()
        attempt = call.failed_attempts + activity.info().attempt
        try:
            context = await restore_context(call.context, self._values)
            approval = await self._ask(replace(call, context=context), attempt)
            await self._approvals.open_approval(approval, call.rule_id)
        except Exception as error:
            if not isinstance(error, IchorError):
                activity.logger.exception(
                    "Approval failed unexpectedly",
                    extra={"action_name": call.action_name},
                )
            raise application_error(error, attempt) from error
        return approval

    async def _ask(self, call: ActionActivityInput, attempt: int) -> Approval:
        draft = await ask_people(self._registry, call, attempt)
        now = datetime.now(UTC)
        return Approval(
            rules=APPROVAL_RULES,
            id=approval_id(EffectKey(call.execution_id, call.action_id, call.visit)),
            execution_id=call.execution_id,
            action_id=call.action_id,
            action_name=call.action_name,
            deadline=now + draft.deadline,
            workflow_id=call.workflow_id,
            title=draft.title,
            message=draft.message,
            form=draft.form,
            approvers=draft.approvers,
            policy=draft.policy,
            needed=draft.needed,
            requester=draft.requester,
            allow_requester=draft.allow_requester,
            reminders=[
                now + after for after in sorted(set(draft.reminders)) if after < draft.deadline
            ],
        )

    @activity.defn(name=RECORD_DECISION_ACTIVITY)
    async def record_decision(self, recorded: RecordedDecision) -> None:
        """Store a decision that the workflow took; repeating it changes nothing."""
        await self._approvals.record_decision(recorded.decision, recorded.status)

    @activity.defn(name=CLOSE_APPROVAL_ACTIVITY)
    async def close_approval(self, closed: ClosedApproval) -> None:
        """Store that it can no longer be decided; repeating it changes nothing."""
        await self._approvals.close_approval(closed.approval_id, closed.status)

    @activity.defn(name=REMIND_APPROVERS_ACTIVITY)
    async def remind_approvers(self, approval: Approval) -> None:
        """Create an alert for the approvers who have not decided; one for each reminder."""
        # Each reminder has fewer still ahead of it, and no visit of an action is below zero.
        reminder = -1 - len(approval.reminders)
        key = EffectKey(approval.execution_id, approval.action_id, reminder)
        await self._effects.create_alert(key, reminder_of(approval))


def approval_id(key: EffectKey) -> str:
    """Return the id of the approval of an action, the same in every attempt."""
    return str(uuid5(UUID(key.execution_id), f"approval:{key}"))


def reminder_of(approval: Approval) -> dict[str, Any]:
    """Return the alert that reminds of an approval."""
    decided = {one.user for one in approval.decisions}
    users = [user for user in approval.approvers.users if user not in decided]
    return {
        "title": f"Reminder: {approval.title}"[:MAX_ALERT_TITLE],
        "message": approval.message,
        "severity": "warning",
        "recipients": [*users, *approval.approvers.roles],
        "details": {
            "approval_id": approval.id,
            "action_name": approval.action_name,
            "deadline": approval.deadline.isoformat(),
            "decisions": len(approval.decisions),
        },
    }
