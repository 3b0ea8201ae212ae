"""The built-in actions that ask people."""

from typing import Annotated, Any

from msgspec import Meta, Struct, field

from ichor_actions.attempt import ActionAttempt
from ichor_actions.definition.durations import Duration, read_duration
from ichor_actions.types.approval import ApprovalDraft, Title, human_action
from ichor_core.contract import ApprovalPolicy, Approvers
from ichor_core.formats import APPROVAL

Person = Annotated[str, Meta(min_length=1, max_length=200)]
People = Annotated[list[Person], Meta(max_length=100)]


class ApproversConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """Who may decide; with neither users nor roles, everybody."""

    users: People = field(default_factory=list[str])
    roles: People = field(default_factory=list[str])


class ApprovalConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The config of each built-in human action."""

    title: Title
    message: Annotated[str, Meta(max_length=20_000)] = ""
    form: dict[str, Any] = field(default_factory=dict[str, Any])
    """JSON Schema (draft 2020-12, without references) of the form that the decider fills in."""
    approvers: ApproversConfig = ApproversConfig()
    policy: ApprovalPolicy = "any"
    """`any`: the first decision counts. `all`: every named user must approve. `n_of`: `needed`
    approvals approve."""
    needed: Annotated[int, Meta(ge=1, le=100)] = 1
    deadline: Duration = "P7D"
    remind_after: Duration | None = None
    """Time after which the approvers are reminded; in addition to `reminders`."""
    reminders: Annotated[list[Duration], Meta(max_length=20)] = field(
        default_factory=list[float | str]
    )
    """Times after which the approvers are reminded, each counted from the start."""
    requester: Annotated[str, Meta(max_length=200)] = ""
    """The person who asks, such as `{{order.created_by}}`, and who may not decide."""
    allow_requester: bool = False
    """Whether the requester may decide."""

    def draft(self) -> ApprovalDraft:
        """Return the question to people.

        Raises:
            ConfigError: an invalid duration.
        """
        reminders = [
            read_duration(value, f"$.reminders[{n}]") for n, value in enumerate(self.reminders)
        ]
        if self.remind_after is not None:
            reminders.append(read_duration(self.remind_after, "$.remind_after"))
        return ApprovalDraft(
            title=self.title,
            message=self.message,
            form=self.form,
            approvers=Approvers(tuple(self.approvers.users), tuple(self.approvers.roles)),
            policy=self.policy,
            needed=self.needed,
            deadline=read_duration(self.deadline, "$.deadline"),
            reminders=tuple(reminders),
            requester=self.requester,
            allow_requester=self.allow_requester,
        )


_CONSTRAINTS = ({"format": APPROVAL},)


@human_action(type="approval_request", title="Approval request", constraints=_CONSTRAINTS)
async def approval_request(config: ApprovalConfig, attempt: ActionAttempt) -> ApprovalDraft:
    """Asks the named approvers, by default everybody, for an approval."""
    return config.draft()


class ManagerApprovalConfig(ApprovalConfig, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The config of `manager_approval`: by default the role `manager`, reminded after two days."""

    title: Title = "A manager's approval is needed"
    approvers: ApproversConfig = ApproversConfig(roles=["manager"])
    remind_after: Duration | None = "P2D"


@human_action(type="manager_approval", title="Manager approval", constraints=_CONSTRAINTS)
async def manager_approval(config: ManagerApprovalConfig, attempt: ActionAttempt) -> ApprovalDraft:
    """Asks a manager for an approval; reminds after two days."""
    return config.draft()


_FINDINGS = {"type": "object", "properties": {"findings": {"type": "string"}}}


class ManualReviewConfig(ApprovalConfig, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The config of `manual_review`: by default the role `reviewer`, who may note findings."""

    title: Title = "A review is needed"
    approvers: ApproversConfig = ApproversConfig(roles=["reviewer"])
    form: dict[str, Any] = field(default_factory=lambda: dict[str, Any](_FINDINGS))


@human_action(type="manual_review", title="Manual review", constraints=_CONSTRAINTS)
async def manual_review(config: ManualReviewConfig, attempt: ActionAttempt) -> ApprovalDraft:
    """Asks a reviewer to look at something and to note findings."""
    return config.draft()


_EVIDENCE = {"type": "object", "properties": {"evidence": {"type": "string"}}}


class HumanVerificationConfig(
    ApprovalConfig, frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """The config of `human_verification`: by default the role `verifier`, who may note evidence."""

    title: Title = "A verification is needed"
    approvers: ApproversConfig = ApproversConfig(roles=["verifier"])
    form: dict[str, Any] = field(default_factory=lambda: dict[str, Any](_EVIDENCE))
    remind_after: Duration | None = "P1D"


@human_action(type="human_verification", title="Human verification", constraints=_CONSTRAINTS)
async def human_verification(
    config: HumanVerificationConfig, attempt: ActionAttempt
) -> ApprovalDraft:
    """Asks a verifier to verify data or an identity and note evidence; reminds after a day."""
    return config.draft()
