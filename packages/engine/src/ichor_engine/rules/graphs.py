"""Graphs of rules: validated against the published action types, saved, simulated."""

import asyncio
from collections.abc import Sequence
from typing import Any

from ichor_core.errors import ConflictError, NotFoundError
from ichor_core.graph import GraphDefinition
from ichor_core.ids import RuleId
from ichor_core.simulation import Simulation, simulate
from ichor_core.validation import InvalidGraphError, Issue, validate
from ichor_edgestore.action_types import PostgresActionTypeStore
from ichor_edgestore.rules import PostgresRuleStore, StoredGraph
from ichor_engine.errors import GraphTooLargeError, VersionConflictError
from ichor_engine.rules.config_check import ConfigCheck

MAX_GRAPH_BYTES = 1_200_000
"""Size of a stored graph: it travels to Temporal in one message of at most 2 MiB."""


class RuleGraphs:
    """The graphs of rules.

    Args:
        rules: stores them.
        action_types: the types that the workers have published.
    """

    def __init__(self, rules: PostgresRuleStore, action_types: PostgresActionTypeStore) -> None:
        self._rules = rules
        self._action_types = action_types

    async def find_issues(self, graph: GraphDefinition) -> list[Issue]:
        """Validate a graph against the published action types."""
        types = await self._action_types.get_action_types()
        # It may take seconds for a graph of megabytes, and others are waiting.
        return await asyncio.to_thread(validate, graph, types, check_config=ConfigCheck())

    async def save(
        self, rule_id: RuleId, graph: GraphDefinition, expected_version: int | None = None
    ) -> tuple[StoredGraph, list[Issue]]:
        """Validate a graph and store it as the rule's next version.

        Args:
            rule_id: the rule.
            graph: as it is drawn.
            expected_version: the graph version that was read; None: the present one.

        Returns:
            The stored graph, and the warnings.

        Raises:
            GraphTooLargeError: it cannot travel with executions.
            InvalidGraphError: it has errors.
            NotFoundError: there is no such rule.
            VersionConflictError: the graph has another version than the expected one.
        """
        size = len(graph.to_json())
        if size > MAX_GRAPH_BYTES:
            raise GraphTooLargeError(size, MAX_GRAPH_BYTES)
        issues = await self.find_issues(graph)
        if has_errors(issues):
            raise InvalidGraphError(issues)
        try:
            return await self._rules.save_graph(rule_id, graph, expected_version), issues
        except ConflictError as error:
            raise VersionConflictError(str(error)) from error

    async def read(self, rule_id: RuleId) -> StoredGraph:
        """Return the newest version of a rule's graph.

        Raises:
            NotFoundError: there is no such rule, or it has no graph.
        """
        stored = await self._rules.read_graph(rule_id)
        if stored.version == 0:
            raise NotFoundError(f"rule {rule_id} has no graph yet")
        return stored

    async def simulate(
        self,
        rule_id: RuleId,
        results: dict[str, Any],
        trigger_data: dict[str, Any] | None = None,
    ) -> Simulation:
        """Return the course of an execution, given the result of each action; nothing is run.

        Raises:
            NotFoundError: there is no such rule, or it has no graph.
            InvalidInputError: results of an action that is not in the graph.
        """
        stored = await self.read(rule_id)
        types = await self._action_types.get_action_types()
        return await asyncio.to_thread(simulate, stored.graph, results, trigger_data, types=types)


def has_errors(issues: Sequence[Issue]) -> bool:
    """Say whether any issue keeps the graph from being saved."""
    return any(issue.severity == "error" for issue in issues)
