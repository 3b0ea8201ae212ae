"""Builds the input of the workflow of an execution."""

import time
from collections import OrderedDict

from ichor_core.action_type import ActionPolicy
from ichor_core.contract import WorkflowInput, offload
from ichor_core.graph import GraphDefinition
from ichor_core.ids import RuleId
from ichor_edgestore.action_types import PostgresActionTypeStore
from ichor_edgestore.events import Dispatch
from ichor_edgestore.executions import PostgresValueStore
from ichor_edgestore.rules import PostgresRuleStore
from ichor_engine.errors import UnpublishedTypesError

_MAX_GRAPHS = 100
"""Graph versions that are kept; they never change."""
_POLICY_SECONDS = 5.0
"""Age at which the published action types are read again."""


class StartInputs:
    """Makes workflow inputs, and caches the graphs and policies that they share.

    Args:
        rules: the stored graphs.
        values: takes large trigger values.
        action_types: the types that the workers have published.
    """

    def __init__(
        self,
        rules: PostgresRuleStore,
        values: PostgresValueStore,
        action_types: PostgresActionTypeStore,
    ) -> None:
        self._rules = rules
        self._values = values
        self._action_types = action_types
        self._graphs: OrderedDict[tuple[RuleId, int], GraphDefinition] = OrderedDict()
        self._policies: dict[str, ActionPolicy] = {}
        self._read_at = -_POLICY_SECONDS

    async def make(self, dispatch: Dispatch) -> WorkflowInput:
        """Return the input for a dispatch; large trigger values are stored, and go by reference.

        Raises:
            NotFoundError: the graph version is gone.
            UnpublishedTypesError: no worker knows how to run one of the graph's action types.
        """
        graph = await self._graph(dispatch.rule_id, dispatch.graph_version)
        return WorkflowInput(
            rule_id=dispatch.rule_id,
            execution_id=dispatch.execution_id,
            graph=graph,
            trigger_data=await offload(dispatch.trigger_data, self._values),
            rule_name=dispatch.rule_name,
            graph_version=dispatch.graph_version,
            interpreter_version=dispatch.interpreter_version,
            policies=await self._policies_of({action.action_type for action in graph.actions}),
        )

    async def _graph(self, rule_id: RuleId, version: int) -> GraphDefinition:
        key = (rule_id, version)
        graph = self._graphs.get(key)
        if graph is None:
            graph = (await self._rules.read_graph_version(rule_id, version)).graph
            self._graphs[key] = graph
            if len(self._graphs) > _MAX_GRAPHS:
                self._graphs.popitem(last=False)
        self._graphs.move_to_end(key)
        return graph

    async def _policies_of(self, types: set[str]) -> dict[str, ActionPolicy]:
        is_old = time.monotonic() - self._read_at > _POLICY_SECONDS
        if is_old or not types <= self._policies.keys():
            published = await self._action_types.get_action_types()
            self._policies = {name: described.policy for name, described in published.items()}
            self._read_at = time.monotonic()
        unknown = types - self._policies.keys()
        if unknown:
            raise UnpublishedTypesError(unknown)
        return {name: self._policies[name] for name in sorted(types)}
