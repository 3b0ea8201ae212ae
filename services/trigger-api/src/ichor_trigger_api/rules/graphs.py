"""Graphs of rules: saved, drawn, checked, tried out."""

from typing import Any
from uuid import UUID

from litestar import Controller, get, post, put
from litestar.enums import MediaType
from litestar.params import JSONBody
from msgspec import Struct, field

from ichor_core.errors import ConflictError, NotFoundError
from ichor_core.graph import GraphDefinition, to_mermaid
from ichor_core.ids import RuleId
from ichor_core.simulation import Simulation, simulate
from ichor_core.validation import InvalidGraphError, Issue, validate
from ichor_edgestore.rules import StoredGraph
from ichor_trigger_api.http.body import MAX_EVENT_BYTES, MAX_GRAPH_BYTES, ExactBody
from ichor_trigger_api.http.parameters import GivenParts, IfMatch, RuleKey
from ichor_trigger_api.http.preconditions import check_if_match, etag, precondition_failed
from ichor_trigger_api.http.problems import ProblemError, problems
from ichor_trigger_api.http.response import ExactResponse
from ichor_trigger_api.parts import Parts
from ichor_trigger_api.rules.config_check import ConfigCheck
from ichor_trigger_api.rules.graph_input import GraphIn

MAX_STORED_BYTES = 1_200_000
"""What a graph may take on the wire: it travels to Temporal in one message of at most 2 MiB."""


class GraphOut(Struct, frozen=True):
    """A version of a rule's graph."""

    rule_id: RuleId
    version: int
    graph: GraphDefinition
    issues: list[Issue] = field(default_factory=list[Issue])
    """Warnings: what may go wrong although the graph can be run."""


class Validation(Struct, frozen=True):
    """What was found in a graph."""

    valid: bool
    """Whether it could be saved."""
    issues: list[Issue]


class SimulationIn(Struct, frozen=True, forbid_unknown_fields=True):
    """With which results a graph is to be tried out."""

    results: dict[str, Any] = field(default_factory=dict[str, Any])
    """By an action's id or name; `{"$error": "message"}` makes it fail. Given trigger data,
    `evaluate_condition` and `set_values` need none."""
    trigger_data: dict[str, Any] | None = None
    """Given it, configs are resolved too, and actions whose templates find nothing fail."""


async def find_issues(parts: Parts, graph: GraphDefinition) -> list[Issue]:
    """Check a graph against the action types that the workers have published."""
    types = await parts.action_types.get_action_types()
    return validate(graph, types, check_config=ConfigCheck())


def has_errors(issues: list[Issue]) -> bool:
    """Say whether any issue keeps the graph from being saved."""
    return any(issue.severity == "error" for issue in issues)


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
        self, rule_id: RuleKey, data: JSONBody[GraphIn], parts: GivenParts, if_match: IfMatch = None
    ) -> ExactResponse[GraphOut]:
        """Check a graph whole, then store it as the rule's next version.

        Executions that run keep the version that they started with. An unchanged graph keeps its
        version.
        """
        key, graph = RuleId(str(rule_id)), data.graph()
        rule = await parts.rules.get_rule(key)
        check_if_match(if_match, rule.graph_version)
        size = len(graph.to_json())
        if size > MAX_STORED_BYTES:
            raise ProblemError(
                413,
                "graph-too-large",
                f"the graph takes {size} bytes, more than the {MAX_STORED_BYTES} that can travel "
                "with each execution: split it over several rules",
            )
        issues = await find_issues(parts, graph)
        if has_errors(issues):
            raise InvalidGraphError(issues)
        expected = None if if_match is None or if_match == "*" else rule.graph_version
        try:
            stored = await parts.rules.save_graph(key, graph, expected)
        except ConflictError as error:
            raise precondition_failed(str(error)) from error
        return _answer(stored, issues)

    @get("/graph", responses=problems(404), summary="Read a rule's graph")
    async def get_graph(self, rule_id: RuleKey, parts: GivenParts) -> ExactResponse[GraphOut]:
        """Return the newest version of the graph, with its version as ETag."""
        return _answer(await _stored(parts, rule_id), [])

    @get(
        "/graph.mermaid",
        media_type=MediaType.TEXT,
        responses=problems(404),
        summary="Draw a rule's graph",
    )
    async def draw_graph(self, rule_id: RuleKey, parts: GivenParts) -> str:
        """Return the newest version of the graph as a Mermaid flowchart."""
        return to_mermaid((await _stored(parts, rule_id)).graph)

    @post(
        "/simulate",
        status_code=200,
        dto=ExactBody[SimulationIn],
        return_dto=None,
        request_max_body_size=MAX_EVENT_BYTES,
        responses=problems(404, 413, 415, 422),
        summary="Try out a rule's graph",
    )
    async def simulate_graph(
        self, rule_id: RuleKey, data: JSONBody[SimulationIn], parts: GivenParts
    ) -> Simulation:
        """Say what would run, given what each action returns; nothing is run."""
        stored = await _stored(parts, rule_id)
        types = await parts.action_types.get_action_types()
        return simulate(stored.graph, data.results, data.trigger_data, types=types)


@post(
    "/graphs/validate",
    status_code=200,
    dto=ExactBody[GraphIn],
    return_dto=None,
    request_max_body_size=MAX_GRAPH_BYTES,
    responses=problems(413, 415, 422),
    tags=["graphs"],
    summary="Check a graph",
)
async def validate_graph(data: JSONBody[GraphIn], parts: GivenParts) -> Validation:
    """Return everything that is wrong with a graph, without storing it."""
    issues = await find_issues(parts, data.graph())
    return Validation(not has_errors(issues), issues)


async def _stored(parts: Parts, rule_id: UUID) -> StoredGraph:
    stored = await parts.rules.read_graph(RuleId(str(rule_id)))
    if stored.version == 0:
        raise NotFoundError(f"rule {rule_id} has no graph yet")
    return stored


def _answer(stored: StoredGraph, issues: list[Issue]) -> ExactResponse[GraphOut]:
    return ExactResponse(
        GraphOut(stored.rule_id, stored.version, stored.graph, issues),
        headers={"ETag": etag(stored.version)},
    )
