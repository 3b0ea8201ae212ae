"""Graphs of rules."""

from typing import Any

from litestar import Controller, get, post, put
from litestar.enums import MediaType
from litestar.params import JSONBody
from msgspec import Struct, field

from ichor_core.graph import GraphDefinition, to_mermaid
from ichor_core.ids import RuleId
from ichor_core.simulation import Simulation
from ichor_core.validation import Issue
from ichor_edgestore.rules import PostgresRuleStore, StoredGraph
from ichor_engine.rules import RuleGraphs, has_errors
from ichor_trigger_api.endpoints.graph_input import GraphIn
from ichor_trigger_api.http.body import MAX_EVENT_BYTES, MAX_GRAPH_BYTES, ExactBody
from ichor_trigger_api.http.parameters import Given, IfMatch, RuleKey
from ichor_trigger_api.http.preconditions import etag, expected_version
from ichor_trigger_api.http.problems import problems
from ichor_trigger_api.http.response import ExactResponse


class GraphOut(Struct, frozen=True):
    """A version of a rule's graph."""

    rule_id: RuleId
    version: int
    graph: GraphDefinition
    issues: list[Issue] = field(default_factory=list[Issue])
    """Warnings: the graph can run, but may not do as meant."""


class Validation(Struct, frozen=True):
    """Errors and warnings of a graph."""

    valid: bool
    """Whether the graph can be saved."""
    issues: list[Issue]


class SimulationIn(Struct, frozen=True, forbid_unknown_fields=True):
    """Assumptions of a simulation."""

    results: dict[str, Any] = field(default_factory=dict[str, Any])
    """Results by the action's id or name; `{"$error": "message"}` makes it fail. With trigger data,
    `evaluate_condition` and `set_values` need none."""
    trigger_data: dict[str, Any] | None = None
    """Trigger data to resolve configs with; actions whose templates find nothing then fail."""


class GraphController(Controller):
    """The endpoints of a rule's graph."""

    path = "/rules/{rule_id:uuid}"
    tags = ("graphs",)

    @put(
        "/graph",
        dto=ExactBody[GraphIn],
        return_dto=None,
        request_max_body_size=MAX_GRAPH_BYTES,
        responses=problems(404, 412, 413, 415, 422),
        summary="Save a rule's graph",
    )
    async def save_graph(
        self,
        rule_id: RuleKey,
        data: JSONBody[GraphIn],
        rules: Given[PostgresRuleStore],
        rule_graphs: Given[RuleGraphs],
        if_match: IfMatch = None,
    ) -> ExactResponse[GraphOut]:
        """Validate a graph, then store it as the rule's next version.

        Running executions keep the version that they started with. An unchanged graph keeps its
        version.
        """
        key = RuleId(str(rule_id))
        expected = expected_version(if_match, (await rules.get_rule(key)).graph_version)
        stored, warnings = await rule_graphs.save(key, data.graph(), expected)
        return _answer(stored, warnings)

    @get("/graph", responses=problems(404), summary="Read a rule's graph")
    async def get_graph(
        self, rule_id: RuleKey, rule_graphs: Given[RuleGraphs]
    ) -> ExactResponse[GraphOut]:
        """Return the newest version of the graph, with its version as ETag."""
        return _answer(await rule_graphs.read(RuleId(str(rule_id))), [])

    @get(
        "/graph.mermaid",
        media_type=MediaType.TEXT,
        responses=problems(404),
        summary="Draw a rule's graph",
    )
    async def draw_graph(self, rule_id: RuleKey, rule_graphs: Given[RuleGraphs]) -> str:
        """Return the newest version of the graph as a Mermaid flowchart."""
        return to_mermaid((await rule_graphs.read(RuleId(str(rule_id)))).graph)

    @post(
        "/simulate",
        status_code=200,
        dto=ExactBody[SimulationIn],
        return_dto=None,
        request_max_body_size=MAX_EVENT_BYTES,
        responses=problems(404, 413, 415, 422),
        summary="Simulate a rule's graph",
    )
    async def simulate_graph(
        self, rule_id: RuleKey, data: JSONBody[SimulationIn], rule_graphs: Given[RuleGraphs]
    ) -> Simulation:
        """Return the course of an execution, given the result of each action; nothing is run."""
        return await rule_graphs.simulate(RuleId(str(rule_id)), data.results, data.trigger_data)


@post(
    "/graphs/validate",
    status_code=200,
    dto=ExactBody[GraphIn],
    return_dto=None,
    request_max_body_size=MAX_GRAPH_BYTES,
    responses=problems(413, 415, 422),
    tags=["graphs"],
    summary="Validate a graph",
)
async def validate_graph(data: JSONBody[GraphIn], rule_graphs: Given[RuleGraphs]) -> Validation:
    """Return all errors and warnings of a graph, without storing it."""
    issues = await rule_graphs.find_issues(data.graph())
    return Validation(not has_errors(issues), issues)


def _answer(stored: StoredGraph, warnings: list[Issue]) -> ExactResponse[GraphOut]:
    return ExactResponse(
        GraphOut(stored.rule_id, stored.version, stored.graph, warnings),
        headers={"ETag": etag(stored.version)},
    )
