"""Rules in memory, and their graphs."""

from uuid import uuid4

import msgspec

from ichor_core.errors import ConflictError
from ichor_core.graph import ActionEdge, ActionNode, GraphDefinition
from ichor_core.ids import RuleId
from ichor_edgestore.database.paging import DEFAULT_LIMIT, Page, page_of
from ichor_edgestore.memory.state import MemoryState, copied, now
from ichor_edgestore.rules.graph_digest import check_graph, digest_graph
from ichor_edgestore.rules.records import Rule, RuleDraft, RuleFilter, StoredGraph
from ichor_edgestore.rules.store import changed_graph, changed_rule, no_graph_version, no_rule


class MemoryRuleStore:
    """`ichor_edgestore.rules.store.PostgresRuleStore` in memory."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def create_rule(self, draft: RuleDraft, rule_id: RuleId | None = None) -> Rule:
        """Store a new rule, without a graph."""
        draft.check()
        rule_id = rule_id or RuleId(str(uuid4()))
        if rule_id in self._state.rules:
            raise ConflictError(f"there is a rule {rule_id} already")
        time = now()
        rule = Rule(
            id=rule_id,
            **msgspec.structs.asdict(copied(draft, RuleDraft)),
            version=1,
            graph_version=0,
            created_at=time,
            updated_at=time,
        )
        self._state.rules[rule_id] = rule
        return rule

    async def get_rule(self, rule_id: RuleId) -> Rule:
        """Return a rule."""
        return self._get(rule_id)

    async def list_rules(
        self,
        filter: RuleFilter | None = None,
        cursor: str | None = None,
        limit: int = DEFAULT_LIMIT,
    ) -> Page[Rule]:
        """Return a page of rules, the newest first."""
        filter = filter or RuleFilter()
        found = [
            rule
            for rule in self._state.rules.values()
            if filter.trigger_entity in (None, rule.trigger_entity)
            and filter.trigger_event in (None, rule.trigger_event)
            and filter.is_active in (None, rule.is_active)
            and (filter.name or "").lower() in rule.name.lower()
        ]
        return page_of(found, cursor, limit)

    async def change_rule(
        self, rule_id: RuleId, draft: RuleDraft, expected_version: int | None = None
    ) -> Rule:
        """Replace the fields of a rule that users write; its graph stays."""
        draft.check()
        rule = self._get_version(rule_id, expected_version)
        fields = msgspec.structs.asdict(copied(draft, RuleDraft))
        return self._put(rule, version=rule.version + 1, **fields)

    async def set_active(self, rule_id: RuleId, is_active: bool) -> Rule:
        """Switch a rule on or off."""
        rule = self._get(rule_id)
        version = rule.version + (rule.is_active != is_active)
        return self._put(rule, is_active=is_active, version=version)

    async def delete_rule(self, rule_id: RuleId, expected_version: int | None = None) -> None:
        """Delete a rule with its graph; its executions and their graph versions stay."""
        self._get_version(rule_id, expected_version)
        del self._state.rules[rule_id]
        self._state.graphs.pop(rule_id, None)

    async def query_actions_by_rule(self, rule_id: RuleId) -> list[ActionNode]:
        """Return the rule's actions; an empty list where there is no such rule."""
        return copied(self._graph(rule_id), GraphDefinition).actions

    async def query_edges_by_rule(self, rule_id: RuleId) -> list[ActionEdge]:
        """Return the rule's edges; an empty list where there is no such rule."""
        edges = copied(self._graph(rule_id), GraphDefinition).edges
        return sorted(
            edges, key=lambda edge: (edge.source_action_id or "", edge.sort_order, edge.id)
        )

    async def read_graph(self, rule_id: RuleId) -> StoredGraph:
        """Return the newest version of a rule's graph; version 0 is an empty graph."""
        version = self._get(rule_id).graph_version
        if version == 0:
            empty = GraphDefinition()
            return StoredGraph(rule_id, 0, empty, digest_graph(empty))
        return await self.read_graph_version(rule_id, version)

    async def read_graph_version(self, rule_id: RuleId, version: int) -> StoredGraph:
        """Return a version of a rule's graph; also of a rule that was deleted."""
        stored = self._state.versions.get((rule_id, version))
        if stored is None:
            raise no_graph_version(rule_id, version)
        return copied(stored, StoredGraph)

    async def save_graph(
        self, rule_id: RuleId, graph: GraphDefinition, expected_version: int | None = None
    ) -> StoredGraph:
        """Replace a rule's graph; the graph that it has already keeps its version."""
        digest = check_graph(graph)
        rule = self._get(rule_id)
        version = rule.graph_version
        if expected_version not in (None, version):
            raise changed_graph(rule_id, version, expected_version)
        saved = self._state.versions.get((rule_id, version))
        if saved is None or saved.digest != digest:
            version += 1
            kept = copied(graph, GraphDefinition)
            self._state.graphs[rule_id] = kept
            self._state.versions[rule_id, version] = StoredGraph(rule_id, version, kept, digest)
            self._put(rule, graph_version=version)
        return StoredGraph(rule_id, version, graph, digest)

    def _graph(self, rule_id: RuleId) -> GraphDefinition:
        return self._state.graphs.get(rule_id, GraphDefinition())

    def _get(self, rule_id: RuleId) -> Rule:
        rule = self._state.rules.get(rule_id)
        if rule is None:
            raise no_rule(rule_id)
        return rule

    def _get_version(self, rule_id: RuleId, expected_version: int | None) -> Rule:
        rule = self._get(rule_id)
        if expected_version not in (None, rule.version):
            raise changed_rule(rule, expected_version)
        return rule

    def _put(self, rule: Rule, **fields: object) -> Rule:
        changed = msgspec.structs.replace(rule, updated_at=now(), **fields)
        self._state.rules[rule.id] = changed
        return changed
