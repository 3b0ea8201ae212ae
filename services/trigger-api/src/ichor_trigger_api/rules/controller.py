"""Automation rules: when to run which graph."""

from typing import Annotated, Any

import msgspec
from litestar import Controller, delete, get, patch, post
from litestar.params import FromQuery, JSONBody
from msgspec import UNSET, Meta, Struct, UnsetType

from ichor_core.errors import ConflictError
from ichor_core.expressions import check_fields, parse_condition
from ichor_core.ids import RuleId
from ichor_edgestore.database import Page
from ichor_edgestore.rules import Name, Rule, RuleDraft, RuleFilter, TriggerEvent
from ichor_trigger_api.http.body import MAX_RULE_BYTES, ExactBody
from ichor_trigger_api.http.parameters import (
    Cursor,
    GivenParts,
    IfMatch,
    Limit,
    RuleKey,
    Text,
    checked_cursor,
    storable,
)
from ichor_trigger_api.http.preconditions import check_if_match, etag, precondition_failed
from ichor_trigger_api.http.problems import ProblemError, problems
from ichor_trigger_api.http.response import ExactResponse

Description = Annotated[str, Meta(max_length=10_000)]
_CHANGE_ATTEMPTS = 5


def check_conditions(conditions: Any) -> None:
    """Refuse trigger conditions that no event could fulfil as they were meant.

    Raises:
        ConditionError: with the place of what is no condition, or of a field with braces.
    """
    check_fields(parse_condition(conditions, "$.trigger_conditions"))


class RuleIn(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A new rule; it has no graph yet, and so is not active."""

    name: Name
    trigger_entity: Name
    """The kind of entity whose events it waits for."""
    trigger_event: TriggerEvent
    description: Description = ""
    trigger_conditions: Any = None
    """A condition on the event's data; null: every event matches."""
    is_active: bool = False

    def draft(self) -> RuleDraft:
        """Return what is stored.

        Raises:
            ConditionError: see `check_conditions`.
        """
        check_conditions(self.trigger_conditions)
        return RuleDraft(**msgspec.structs.asdict(self))


class RulePatch(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is to be changed of a rule; what is left out stays."""

    name: Name | UnsetType = UNSET
    trigger_entity: Name | UnsetType = UNSET
    trigger_event: TriggerEvent | UnsetType = UNSET
    description: Description | UnsetType = UNSET
    trigger_conditions: Any = UNSET
    is_active: bool | UnsetType = UNSET

    def applied_to(self, rule: Rule) -> RuleDraft:
        """Return the rule as it is to become.

        Raises:
            ConditionError: see `check_conditions`.
        """
        if self.trigger_conditions is not UNSET:
            check_conditions(self.trigger_conditions)
        changes = msgspec.structs.asdict(self)
        return RuleDraft(
            **{
                name: getattr(rule, name) if value is UNSET else value
                for name, value in changes.items()
            }
        )


class RulePage(Page[Rule], frozen=True):
    """A part of the list of rules, the newest first."""


class RuleController(Controller):
    """The endpoints of rules."""

    path = "/rules"
    tags = ("rules",)

    @get(responses=problems(), summary="List rules")
    async def list_rules(  # noqa: PLR0913 - each is a filter
        self,
        *,
        parts: GivenParts,
        trigger_entity: Text = None,
        trigger_event: FromQuery[TriggerEvent | None] = None,
        is_active: FromQuery[bool | None] = None,
        name: Text = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> RulePage:
        """List rules, the newest first; `name` finds a part of the name."""
        storable(trigger_entity=trigger_entity, name=name)
        chosen = RuleFilter(trigger_entity, trigger_event, is_active, name)
        page = await parts.rules.list_rules(chosen, checked_cursor(cursor), limit)
        return RulePage(page.items, page.next_cursor)

    @post(
        dto=ExactBody[RuleIn],
        return_dto=None,
        request_max_body_size=MAX_RULE_BYTES,
        responses=problems(409, 413, 415, 422),
        summary="Create a rule",
    )
    async def create_rule(self, data: JSONBody[RuleIn], parts: GivenParts) -> ExactResponse[Rule]:
        """Create a rule; save its graph next, then activate it."""
        if data.is_active:
            raise without_graph("a new rule has no graph yet, so it cannot be active")
        rule = await parts.rules.create_rule(data.draft())
        answer = _answer(rule, status_code=201)
        answer.headers["Location"] = f"/api/v1/workflow/rules/{rule.id}"
        return answer

    @get("/{rule_id:uuid}", responses=problems(404), summary="Read a rule")
    async def get_rule(self, rule_id: RuleKey, parts: GivenParts) -> ExactResponse[Rule]:
        """Return a rule, with the version of its fields as ETag."""
        return _answer(await parts.rules.get_rule(RuleId(str(rule_id))))

    @patch(
        "/{rule_id:uuid}",
        dto=ExactBody[RulePatch],
        return_dto=None,
        request_max_body_size=MAX_RULE_BYTES,
        responses=problems(404, 409, 412, 413, 415, 422),
        summary="Change a rule",
    )
    async def change_rule(
        self,
        rule_id: RuleKey,
        data: JSONBody[RulePatch],
        parts: GivenParts,
        if_match: IfMatch = None,
    ) -> ExactResponse[Rule]:
        """Change some fields of a rule; with If-Match only if nobody else has changed it."""
        key = RuleId(str(rule_id))
        for _ in range(_CHANGE_ATTEMPTS):
            rule = await parts.rules.get_rule(key)
            check_if_match(if_match, rule.version)
            if data.is_active is True:
                check_has_graph(rule)
            draft = data.applied_to(rule)
            try:
                return _answer(await parts.rules.change_rule(key, draft, rule.version))
            except ConflictError as error:
                if if_match is not None:
                    raise precondition_failed(str(error)) from error
        raise ConflictError(f"rule {key} is being changed by others all the time; try again")

    @delete("/{rule_id:uuid}", responses=problems(404, 412), summary="Delete a rule")
    async def delete_rule(
        self, rule_id: RuleKey, parts: GivenParts, if_match: IfMatch = None
    ) -> None:
        """Delete a rule and its graph; its executions stay, and those that run go on."""
        key = RuleId(str(rule_id))
        if if_match is None:
            return await parts.rules.delete_rule(key)
        rule = await parts.rules.get_rule(key)
        check_if_match(if_match, rule.version)
        try:
            await parts.rules.delete_rule(key, rule.version)
        except ConflictError as error:
            raise precondition_failed(str(error)) from error

    @post(
        "/{rule_id:uuid}/activate",
        status_code=200,
        responses=problems(404, 409),
        summary="Switch a rule on",
    )
    async def activate(self, rule_id: RuleKey, parts: GivenParts) -> ExactResponse[Rule]:
        """Let the rule match events from now on."""
        key = RuleId(str(rule_id))
        check_has_graph(await parts.rules.get_rule(key))
        return _answer(await parts.rules.set_active(key, True))

    @post(
        "/{rule_id:uuid}/deactivate",
        status_code=200,
        responses=problems(404),
        summary="Switch a rule off",
    )
    async def deactivate(self, rule_id: RuleKey, parts: GivenParts) -> ExactResponse[Rule]:
        """Let the rule match no events from now on; what runs goes on."""
        return _answer(await parts.rules.set_active(RuleId(str(rule_id)), False))


def check_has_graph(rule: Rule) -> None:
    """Refuse to switch on a rule that has nothing to run.

    Raises:
        ProblemError: 409, with the cure.
    """
    if rule.graph_version == 0:
        raise without_graph(f"rule {rule.id} has no graph, so it cannot be active")


def without_graph(reason: str) -> ProblemError:
    """Return the error of a rule that is to be active without a graph."""
    cure = "save one with PUT /api/v1/workflow/rules/{rule_id}/graph, then activate the rule"
    return ProblemError(409, "rule-without-graph", f"{reason}: {cure}")


def _answer(rule: Rule, status_code: int = 200) -> ExactResponse[Rule]:
    return ExactResponse(rule, status_code=status_code, headers={"ETag": etag(rule.version)})
