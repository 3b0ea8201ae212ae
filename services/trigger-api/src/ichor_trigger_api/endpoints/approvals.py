"""Approvals that executions wait for, and decisions."""

from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Controller, get, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Meta, Struct, field

from ichor_core.contract import ApprovalStatus, Decision, Vote
from ichor_core.ids import ExecutionId
from ichor_edgestore.approvals import ApprovalFilter, PostgresApprovalStore, StoredApproval
from ichor_edgestore.database import Page
from ichor_engine.approvals import Decider
from ichor_trigger_api.http.body import MAX_RULE_BYTES, ExactBody
from ichor_trigger_api.http.parameters import (
    Cursor,
    Given,
    Limit,
    Text,
    checked_cursor,
    storable,
)
from ichor_trigger_api.http.problems import problems

ApprovalKey = FromPath[UUID]
Person = Annotated[str, Meta(min_length=1, max_length=200)]
Roles = Annotated[
    list[str] | None,
    QueryParameter(description="Roles of the user, several as ?role=manager&role=cfo"),
]


class DecisionIn(Struct, frozen=True, forbid_unknown_fields=True):
    """The decision of a user.

    Users are not authenticated here: the proxy in front of this service sets `user` and `roles`.
    """

    vote: Vote
    user: Person
    roles: Annotated[list[Person], Meta(max_length=100)] = field(default_factory=list[str])
    """Roles of the user."""
    comment: Annotated[str, Meta(max_length=10_000)] = ""
    form: dict[str, Any] = field(default_factory=dict[str, Any])
    """Values of the approval's form."""


class ApprovalPage(Page[StoredApproval], frozen=True):
    """A page of approvals, the newest first."""


class ApprovalController(Controller):
    """The endpoints of approvals."""

    path = "/approvals"
    tags = ("approvals",)

    @get(responses=problems(), summary="List approvals")
    async def list_approvals(  # noqa: PLR0913 - each is a filter
        self,
        *,
        approvals: Given[PostgresApprovalStore],
        status: FromQuery[ApprovalStatus | Literal["all"]] = "pending",
        user: Text = None,
        role: Roles = None,
        execution_id: FromQuery[UUID | None] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> ApprovalPage:
        """List approvals, the newest first; without `status`, the pending ones.

        `user` and `role` restrict the list to approvals that this user may decide and, while they
        are pending, has not decided yet.
        """
        roles = tuple(role or ())
        storable(user=user, **{f"role[{n}]": name for n, name in enumerate(roles)})
        page = await approvals.list(
            ApprovalFilter(
                None if status == "all" else status,
                None if execution_id is None else ExecutionId(str(execution_id)),
                user,
                roles,
            ),
            checked_cursor(cursor),
            limit,
        )
        return ApprovalPage(page.items, page.next_cursor)

    @get("/{approval_id:uuid}", responses=problems(404), summary="Read an approval")
    async def get_approval(
        self, approval_id: ApprovalKey, approvals: Given[PostgresApprovalStore]
    ) -> StoredApproval:
        """Return an approval with the decisions so far."""
        return await approvals.get(str(approval_id))

    @post(
        "/{approval_id:uuid}/decision",
        status_code=200,
        dto=ExactBody[DecisionIn],
        return_dto=None,
        request_max_body_size=MAX_RULE_BYTES,
        responses=problems(403, 404, 409, 413, 415, 422),
        summary="Decide an approval",
    )
    async def decide_approval(
        self, approval_id: ApprovalKey, data: JSONBody[DecisionIn], decider: Given[Decider]
    ) -> StoredApproval:
        """Hand a decision to the workflow that waits for it, and return the approval after it.

        Each user decides once, and an approval that is decided, timed out or withdrawn is closed
        (409). While Temporal is unavailable (503), nothing is lost: send the decision again.
        """
        decision = Decision(
            approval_id=str(approval_id),
            vote=data.vote,
            user=data.user,
            roles=tuple(data.roles),
            comment=data.comment,
            form=data.form,
        )
        return await decider.decide(decision)
