"""Approvals: what people are asked, and how they decide."""

from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Controller, get, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Meta, Struct, field

from ichor_core.contract import ApprovalStatus, Decision, Vote
from ichor_core.ids import ExecutionId
from ichor_edgestore.approvals import ApprovalFilter, StoredApproval
from ichor_edgestore.database import Page
from ichor_trigger_api.approvals.decision import decide
from ichor_trigger_api.http.body import MAX_RULE_BYTES, ExactBody
from ichor_trigger_api.http.parameters import (
    Cursor,
    GivenParts,
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
    QueryParameter(description="Roles of the user; several: ?role=manager&role=cfo"),
]


class DecisionIn(Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody decides.

    Nobody is authenticated here: what stands before this service says who `user` is.
    """

    vote: Vote
    user: Person
    roles: Annotated[list[Person], Meta(max_length=100)] = field(default_factory=list[str])
    """What the user may decide as."""
    comment: Annotated[str, Meta(max_length=10_000)] = ""
    form: dict[str, Any] = field(default_factory=dict[str, Any])
    """What the approval's form asks for."""


class ApprovalPage(Page[StoredApproval], frozen=True):
    """A part of the list of approvals, the newest first."""


class ApprovalController(Controller):
    """The endpoints of approvals."""

    path = "/approvals"
    tags = ("approvals",)

    @get(responses=problems(), summary="List approvals")
    async def list_approvals(  # noqa: PLR0913 - each is a filter
        self,
        *,
        parts: GivenParts,
        status: FromQuery[ApprovalStatus | Literal["all"]] = "pending",
        user: Text = None,
        role: Roles = None,
        execution_id: FromQuery[UUID | None] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> ApprovalPage:
        """List approvals, the newest first; those that are pending where no status is named.

        `user` and `role` leave what this person may decide and, while it is pending, has not
        decided yet.
        """
        roles = tuple(role or ())
        storable(user=user, **{f"role[{n}]": name for n, name in enumerate(roles)})
        page = await parts.approvals.list(
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
    async def get_approval(self, approval_id: ApprovalKey, parts: GivenParts) -> StoredApproval:
        """Return an approval with the decisions so far."""
        return await parts.approvals.get(str(approval_id))

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
        self, approval_id: ApprovalKey, data: JSONBody[DecisionIn], parts: GivenParts
    ) -> StoredApproval:
        """Hand a decision to the workflow that waits for it, and return the approval after it.

        Each person decides once, and what has been decided, has timed out or was withdrawn cannot
        be decided any more (409). Where Temporal is away (503) nothing is lost: send it again.
        """
        decision = Decision(
            approval_id=str(approval_id),
            vote=data.vote,
            user=data.user,
            roles=tuple(data.roles),
            comment=data.comment,
            form=data.form,
        )
        return await decide(parts, decision)
