"""Creates, changes and activates rules."""

from collections.abc import Mapping
from typing import Any

from ichor_core.errors import ConflictError
from ichor_core.expressions import check_fields, parse_condition
from ichor_core.ids import RuleId
from ichor_edgestore.rules import PostgresRuleStore, Rule, RuleDraft
from ichor_engine.errors import RuleWithoutGraphError, VersionConflictError

_CHANGE_ATTEMPTS = 5


class RuleEditor:
    """Creates and changes rules: conditions must parse, an active rule must have a graph.

    Args:
        rules: the stored rules.
    """

    def __init__(self, rules: PostgresRuleStore) -> None:
        self._rules = rules

    async def create(self, draft: RuleDraft) -> Rule:
        """Create a rule; it has no graph yet.

        Raises:
            RuleWithoutGraphError: the draft is active.
            InvalidInputError: trigger conditions that no event could fulfil.
        """
        if draft.is_active:
            raise RuleWithoutGraphError("a new rule has no graph yet, so it cannot be active")
        _check_conditions(draft.trigger_conditions)
        return await self._rules.create_rule(draft)

    async def change(
        self, rule_id: RuleId, changes: Mapping[str, Any], expected_version: int | None = None
    ) -> Rule:
        """Change some fields of a rule.

        Args:
            rule_id: the rule.
            changes: new values by the name of the field.
            expected_version: the version that was read; None: the present one.

        Raises:
            NotFoundError: there is no such rule.
            VersionConflictError: it has another version than the expected one.
            RuleWithoutGraphError: it is to become active and has no graph.
            InvalidInputError: trigger conditions that no event could fulfil.
            ConflictError: others keep changing it concurrently.
        """
        for _ in range(_CHANGE_ATTEMPTS):
            rule = await self._rules.get_rule(rule_id)
            if changes.get("is_active"):
                _check_graph(rule)
            if "trigger_conditions" in changes:
                _check_conditions(changes["trigger_conditions"])
            fields = {name: getattr(rule, name) for name in RuleDraft.__struct_fields__}
            draft = RuleDraft(**{**fields, **changes})
            try:
                return await self._rules.change_rule(
                    rule_id, draft, rule.version if expected_version is None else expected_version
                )
            except ConflictError as error:
                if expected_version is not None:
                    raise VersionConflictError(str(error)) from error
        raise ConflictError(f"rule {rule_id} keeps changing concurrently; try again")

    async def activate(self, rule_id: RuleId) -> Rule:
        """Let a rule match events from now on.

        Raises:
            NotFoundError: there is no such rule.
            RuleWithoutGraphError: it has no graph.
        """
        _check_graph(await self._rules.get_rule(rule_id))
        return await self._rules.set_active(rule_id, True)

    async def delete(self, rule_id: RuleId, expected_version: int | None = None) -> None:
        """Delete a rule with its graph.

        Raises:
            NotFoundError: there is no such rule.
            VersionConflictError: it has another version than the expected one.
        """
        try:
            await self._rules.delete_rule(rule_id, expected_version)
        except ConflictError as error:
            raise VersionConflictError(str(error)) from error


def _check_conditions(conditions: Any) -> None:
    """Refuse trigger conditions that do not parse, or name a field in braces."""
    check_fields(parse_condition(conditions, "$.trigger_conditions"))


def _check_graph(rule: Rule) -> None:
    if rule.graph_version == 0:
        raise RuleWithoutGraphError(f"rule {rule.id} has no graph, so it cannot be active")
