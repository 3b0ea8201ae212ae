"""Approvals and the decisions of people, in PostgreSQL."""

# ruff: noqa: S608 - queries are made of constants; values are bound

import asyncpg

from ichor_core.contract import Approval, ApprovalStatus, Decision
from ichor_core.errors import NotFoundError
from ichor_core.ids import RuleId
from ichor_edgestore.approvals.records import ApprovalFilter, StoredApproval
from ichor_edgestore.database.listing import Filter, from_row, list_page
from ichor_edgestore.database.paging import DEFAULT_LIMIT, Page
from ichor_edgestore.executions.store import TERMINAL_SQL

# A local activity may come to its end after the workflow was terminated.
_OPEN = f"""
    WITH execution AS (
        SELECT status IN {TERMINAL_SQL} AS has_ended FROM workflow.executions WHERE id = $2
    )
    INSERT INTO workflow.approvals
        (id, execution_id, action_id, action_name, rule_id, workflow_id, title, message, form,
         approvers, policy, needed, requester, allow_requester, deadline, status, closed_at)
    SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15,
        CASE WHEN late THEN 'withdrawn' ELSE 'pending' END, CASE WHEN late THEN now() END
    FROM (SELECT coalesce((SELECT has_ended FROM execution), false) AS late) AS it
    ON CONFLICT (id) DO NOTHING"""
_RECORD_DECISION = """
    WITH approval AS (
        SELECT id FROM workflow.approvals WHERE id = $1
    ), closed AS (
        UPDATE workflow.approvals SET status = $8, closed_at = now()
        WHERE id = $1 AND status IN ('pending', 'withdrawn') AND $8::text <> 'pending'
    ), decision AS (
        INSERT INTO workflow.approval_decisions
            (approval_id, "user", vote, comment, form, roles, decided_at)
        SELECT id, $2, $3, $4, $5, $6, coalesce($7, now()) FROM approval
        ON CONFLICT (approval_id, "user") DO NOTHING
    )
    SELECT id FROM approval"""
_CLOSE = """
    UPDATE workflow.approvals SET status = $2, closed_at = now()
    WHERE id = $1 AND status = 'pending' AND $2::text <> 'pending'"""
_SELECT = """
    SELECT id, execution_id, action_id, action_name, rule_id, workflow_id, title, message, form,
        approvers, policy, needed, requester, allow_requester, deadline, status, created_at,
        closed_at, (
            SELECT coalesce(jsonb_agg(to_jsonb(d) ORDER BY d.decided_at, d."user"), '[]')
            FROM workflow.approval_decisions d WHERE d.approval_id = approvals.id
        ) AS decisions
    FROM workflow.approvals"""
_MAY_DECIDE = """(
    approvers -> 'users' ? {}::text OR approvers -> 'roles' ?| {}::text[]
    OR jsonb_array_length(coalesce(approvers -> 'users', '[]'))
        + jsonb_array_length(coalesce(approvers -> 'roles', '[]')) = 0
)"""
_IS_NO_REQUESTER = "(allow_requester OR requester <> {})"
_HAS_NOT_DECIDED = """(status <> 'pending' OR NOT EXISTS (
    SELECT FROM workflow.approval_decisions d WHERE d.approval_id = approvals.id AND d."user" = {}
))"""


class PostgresApprovalStore:
    """Keeps approvals for people to find; the waiting workflow decides."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def open_approval(self, approval: Approval, rule_id: RuleId) -> None:
        """Store a pending approval; opening it again changes nothing.

        It is stored as withdrawn if its execution has ended.
        """
        await self._pool.execute(
            _OPEN,
            approval.id,
            approval.execution_id,
            approval.action_id,
            approval.action_name,
            rule_id or None,
            approval.workflow_id,
            approval.title,
            approval.message,
            approval.form,
            approval.approvers,
            approval.policy,
            approval.needed,
            approval.requester,
            approval.allow_requester,
            approval.deadline,
        )

    async def record_decision(self, decision: Decision, status: ApprovalStatus) -> None:
        """Store a decision that the workflow took, and the status after it, once for each user.

        Decisions may arrive in another order than they were taken: a decided approval stays
        decided. One may also arrive after the end of the execution, which withdrew the approval:
        then it is decided.

        Raises:
            NotFoundError: there is no such approval.
        """
        found = await self._pool.fetchval(
            _RECORD_DECISION,
            decision.approval_id,
            decision.user,
            decision.vote,
            decision.comment,
            decision.form,
            decision.roles,
            decision.decided_at,
            status,
        )
        if found is None:
            raise no_approval(decision.approval_id)

    async def close_approval(self, approval_id: str, status: ApprovalStatus) -> None:
        """Set the status of a pending approval; of one that was closed it changes nothing."""
        await self._pool.execute(_CLOSE, approval_id, status)

    async def get(self, approval_id: str) -> StoredApproval:
        """Return an approval.

        Raises:
            NotFoundError: there is none.
        """
        row = await self._pool.fetchrow(f"{_SELECT} WHERE id = $1", approval_id)
        if row is None:
            raise no_approval(approval_id)
        return from_row(row, StoredApproval)

    async def list(
        self,
        filter: ApprovalFilter | None = None,
        cursor: str | None = None,
        limit: int = DEFAULT_LIMIT,
    ) -> Page[StoredApproval]:
        """Return a page of approvals, the newest first.

        Raises:
            InvalidInputError: cursor or limit.
        """
        filter = filter or ApprovalFilter()
        filters: list[Filter] = [
            ("status = {}", filter.status),
            ("execution_id = {}", filter.execution_id),
            (_IS_NO_REQUESTER, filter.user),
            (_HAS_NOT_DECIDED, filter.user),
        ]
        if filter.user is not None or filter.roles:
            filters.append((_MAY_DECIDE, filter.user, filter.roles))
        return await list_page(
            self._pool, _SELECT, StoredApproval, filters=filters, cursor=cursor, limit=limit
        )


def no_approval(approval_id: str) -> NotFoundError:
    """Return the error of an approval that is not there."""
    return NotFoundError(f"there is no approval {approval_id}")
