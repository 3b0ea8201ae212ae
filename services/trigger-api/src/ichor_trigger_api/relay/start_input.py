"""Builds the input of the workflow of an execution."""

import time
from collections import OrderedDict

from ichor_core.action_type import ActionPolicy
from ichor_core.contract import WorkflowInput, offload
from ichor_core.errors import IchorError
from ichor_core.graph import GraphDefinition
from ichor_core.ids import RuleId
from ichor_edgestore.events import DispatchJob
from ichor_trigger_api.parts import Parts

MAX_GRAPHS = 100
"""Graph versions that are kept; they never change."""
POLICY_SECONDS = 5.0
"""How long the published action types are taken to be the same."""


class UnknownTypesError(IchorError, RuntimeError):
    """The graph uses action types that no worker has published."""


class StartInputs:
    """Makes workflow inputs, and remembers the graphs and policies that they share."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._graphs: OrderedDict[tuple[RuleId, int], GraphDefinition] = OrderedDict()
        self._policies: dict[str, ActionPolicy] = {}
        self._read_at = -POLICY_SECONDS

    async def make(self, job: DispatchJob) -> WorkflowInput:
        """Return the input for a dispatch; large trigger values are stored, and go by reference.

        Raises:
            NotFoundError: the graph version is gone.
            UnknownTypesError: no worker knows how to run one of the graph's action types.
        """
        graph = await self._graph(job.rule_id, job.graph_version)
        return WorkflowInput(
            rule_id=job.rule_id,
            execution_id=job.execution_id,
            graph=graph,
            trigger_data=await offload(job.trigger_data, self._parts.values),
            rule_name=job.rule_name,
            graph_version=job.graph_version,
            interpreter_version=job.interpreter_version,
            policies=await self._policies_of({action.action_type for action in graph.actions}),
        )

    async def _graph(self, rule_id: RuleId, version: int) -> GraphDefinition:
        key = (rule_id, version)
        graph = self._graphs.get(key)
        if graph is None:
            graph = (await self._parts.rules.read_graph_version(rule_id, version)).graph
            self._graphs[key] = graph
            if len(self._graphs) > MAX_GRAPHS:
                self._graphs.popitem(last=False)
        self._graphs.move_to_end(key)
        return graph

    async def _policies_of(self, types: set[str]) -> dict[str, ActionPolicy]:
        is_old = time.monotonic() - self._read_at > POLICY_SECONDS
        if is_old or not types <= self._policies.keys():
            published = await self._parts.action_types.get_action_types()
            self._policies = {name: described.policy for name, described in published.items()}
            self._read_at = time.monotonic()
        unknown = sorted(types - self._policies.keys())
        if unknown:
            raise UnknownTypesError(
                f"no worker has published the action types {', '.join(unknown)}: "
                "deploy one that has them"
            )
        return {name: self._policies[name] for name in sorted(types)}
