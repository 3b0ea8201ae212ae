"""Automation rules."""

from typing import Annotated, Any

import msgspec
from litestar import Controller, delete, get, patch, post
from litestar.params import FromQuery, JSONBody
from msgspec import UNSET, Meta, Struct, UnsetType

from ichor_core.ids import RuleId
from ichor_edgestore.database import Page
from ichor_edgestore.rules import Name, PostgresRuleStore, Rule, RuleDraft, RuleFilter, TriggerEvent
from ichor_engine.rules import RuleEditor
from ichor_trigger_api.http.body import MAX_RULE_BYTES, ExactBody
from ichor_trigger_api.http.parameters import (
    Cursor,
    Given,
    IfMatch,
    Limit,
    RuleKey,
    Text,
    checked_cursor,
    storable,
)
from ichor_trigger_api.http.paths import PREFIX
from ichor_trigger_api.http.preconditions import etag, expected_version
from ichor_trigger_api.http.problems import problems
from ichor_trigger_api.http.response import ExactResponse

Description = Annotated[str, Meta(max_length=10_000)]


class RuleIn(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A new rule; it has no graph yet, so it is not active."""

    name: Name
    trigger_entity: Name
    """Kind of entity whose events the rule matches."""
    trigger_event: TriggerEvent
    description: Description = ""
    trigger_conditions: Any = None
    """Condition on the event's data; null: every event matches."""
    is_active: bool = False


class RulePatch(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Changes of a rule; a field that is left out stays."""

    name: Name | UnsetType = UNSET
    trigger_entity: Name | UnsetType = UNSET
    trigger_event: TriggerEvent | UnsetType = UNSET
    description: Description | UnsetType = UNSET
    trigger_conditions: Any = UNSET
    is_active: bool | UnsetType = UNSET

    def changes(self) -> dict[str, Any]:
        """Return the fields that are given."""
        given = msgspec.structs.asdict(self)
        return {name: value for name, value in given.items() if value is not UNSET}


class RulePage(Page[Rule], frozen=True):
    """A page of rules, the newest first."""


class RuleController(Controller):
    """The endpoints of rules."""

    path = "/rules"
    tags = ("rules",)

    @get(responses=problems(), summary="List rules")
    async def list_rules(  # noqa: PLR0913 - each is a filter
        self,
        *,
        rules: Given[PostgresRuleStore],
        trigger_entity: Text = None,
        trigger_event: FromQuery[TriggerEvent | None] = None,
        is_active: FromQuery[bool | None] = None,
        name: Text = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> RulePage:
        """List rules, the newest first; `name` matches a part of the name."""
        storable(trigger_entity=trigger_entity, name=name)
        chosen = RuleFilter(trigger_entity, trigger_event, is_active, name)
        page = await rules.list_rules(chosen, checked_cursor(cursor), limit)
        return RulePage(page.items, page.next_cursor)

    @post(
        dto=ExactBody[RuleIn],
        return_dto=None,
        request_max_body_size=MAX_RULE_BYTES,
        responses=problems(409, 413, 415, 422),
        summary="Create a rule",
    )
    async def create_rule(
        self, data: JSONBody[RuleIn], rule_editor: Given[RuleEditor]
    ) -> ExactResponse[Rule]:
        """Create a rule; save its graph next, then activate it."""
        rule = await rule_editor.create(RuleDraft(**msgspec.structs.asdict(data)))
        answer = _answer(rule, status_code=201)
        answer.headers["Location"] = f"{PREFIX}/rules/{rule.id}"
        return answer

    @get("/{rule_id:uuid}", responses=problems(404), summary="Read a rule")
    async def get_rule(
        self, rule_id: RuleKey, rules: Given[PostgresRuleStore]
    ) -> ExactResponse[Rule]:
        """Return a rule, with the version of its fields as ETag."""
        return _answer(await rules.get_rule(RuleId(str(rule_id))))

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
        rules: Given[PostgresRuleStore],
        rule_editor: Given[RuleEditor],
        if_match: IfMatch = None,
    ) -> ExactResponse[Rule]:
        """Change some fields of a rule; with If-Match, only the version that was read."""
        key = RuleId(str(rule_id))
        expected = expected_version(if_match, (await rules.get_rule(key)).version)
        return _answer(await rule_editor.change(key, data.changes(), expected))

    @delete("/{rule_id:uuid}", responses=problems(404, 412), summary="Delete a rule")
    async def delete_rule(
        self,
        rule_id: RuleKey,
        rules: Given[PostgresRuleStore],
        rule_editor: Given[RuleEditor],
        if_match: IfMatch = None,
    ) -> None:
        """Delete a rule and its graph; its executions stay, and running ones go on."""
        key = RuleId(str(rule_id))
        expected = expected_version(if_match, (await rules.get_rule(key)).version)
        await rule_editor.delete(key, expected)

    @post(
        "/{rule_id:uuid}/activate",
        status_code=200,
        responses=problems(404, 409),
        summary="Activate a rule",
    )
    async def activate(
        self, rule_id: RuleKey, rule_editor: Given[RuleEditor]
    ) -> ExactResponse[Rule]:
        """Let the rule match events from now on."""
        return _answer(await rule_editor.activate(RuleId(str(rule_id))))

    @post(
        "/{rule_id:uuid}/deactivate",
        status_code=200,
        responses=problems(404),
        summary="Deactivate a rule",
    )
    async def deactivate(
        self, rule_id: RuleKey, rules: Given[PostgresRuleStore]
    ) -> ExactResponse[Rule]:
        """Let the rule match no events from now on; running executions go on."""
        return _answer(await rules.set_active(RuleId(str(rule_id)), False))


def _answer(rule: Rule, status_code: int = 200) -> ExactResponse[Rule]:
    return ExactResponse(rule, status_code=status_code, headers={"ETag": etag(rule.version)})
