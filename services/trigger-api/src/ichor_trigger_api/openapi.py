"""The OpenAPI document, with the exact schemas of what is read and written."""

from functools import cache
from importlib.metadata import version
from typing import Any

import msgspec
from litestar import Request
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, YamlRenderPlugin

from ichor_core import exact_json
from ichor_core.simulation import Simulation
from ichor_edgestore.action_types import PublishedActionType
from ichor_edgestore.alerts import Alert
from ichor_edgestore.approvals import StoredApproval
from ichor_edgestore.events import AcceptedEvent
from ichor_edgestore.rules import Rule
from ichor_trigger_api.alerts import AlertPage
from ichor_trigger_api.approvals.controller import ApprovalPage, DecisionIn
from ichor_trigger_api.events.controller import EventIn
from ichor_trigger_api.executions.controller import Cancellation, ExecutionPage
from ichor_trigger_api.executions.view import ExecutionView
from ichor_trigger_api.http.problems import Problem
from ichor_trigger_api.rules.controller import RuleIn, RulePage, RulePatch
from ichor_trigger_api.rules.graph_input import GraphIn
from ichor_trigger_api.rules.graphs import GraphOut, SimulationIn, Validation

_DESCRIPTION = (
    "Report entity events, manage the rules that they set off, watch their executions, read what "
    "these tell people, and decide what they ask. "
    "Every error is answered with a problem document (RFC 9457)."
)
BODIES = (
    AcceptedEvent,
    Alert,
    AlertPage,
    ApprovalPage,
    Cancellation,
    DecisionIn,
    EventIn,
    ExecutionPage,
    ExecutionView,
    GraphIn,
    GraphOut,
    Problem,
    PublishedActionType,
    Rule,
    RuleIn,
    RulePage,
    RulePatch,
    Simulation,
    SimulationIn,
    StoredApproval,
    Validation,
)


@cache
def schemas() -> dict[str, Any]:
    """Return the JSON Schemas of all bodies, as the library that reads them understands them.

    The framework's own miss limits of optional fields, and that unknown fields are refused.
    """
    _, components = msgspec.json.schema_components(
        BODIES, ref_template="#/components/schemas/{name}"
    )
    return components


def complete(document: dict[str, Any]) -> dict[str, Any]:
    """Return the framework's document with the exact schemas of all bodies."""
    components = {**document["components"], "schemas": schemas()}
    return {**document, "components": components}


class _Json(JsonRenderPlugin):
    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        return exact_json.encode(complete(openapi_schema))


class _Yaml(YamlRenderPlugin):
    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        framework: Any = super()  # its signature is not complete
        return framework.render(request, complete(openapi_schema))


def _operation_id(handler: HTTPRouteHandler, _method: Any, _path: Any) -> str:
    return handler.handler_name


def openapi_config() -> OpenAPIConfig:
    """Return where and how the document is served: as JSON and YAML under ``/schema``.

    The user interfaces that come with the framework load scripts from elsewhere, so none is served.
    """
    return OpenAPIConfig(
        title="Ichor",
        version=version("ichor-trigger-api"),
        description=_DESCRIPTION,
        use_handler_docstrings=True,
        operation_id_creator=_operation_id,
        render_plugins=[_Json(), _Yaml()],
    )
