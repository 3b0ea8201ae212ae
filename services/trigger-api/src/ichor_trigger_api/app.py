"""The HTTP interface, put together."""

from typing import Any, cast

from litestar import Litestar, Router
from litestar.di import Provide
from litestar.types import ASGIApp, ControllerRouterHandler
from msgspec.structs import asdict

from ichor_runtime.telemetry import is_measured
from ichor_trigger_api.endpoints.action_types import ActionTypeController
from ichor_trigger_api.endpoints.alerts import AlertController
from ichor_trigger_api.endpoints.approvals import ApprovalController
from ichor_trigger_api.endpoints.events import accept_event
from ichor_trigger_api.endpoints.executions import ExecutionController
from ichor_trigger_api.endpoints.graphs import GraphController, validate_graph
from ichor_trigger_api.endpoints.health import live, ready
from ichor_trigger_api.endpoints.metrics import show_metrics
from ichor_trigger_api.endpoints.rules import RuleController
from ichor_trigger_api.http.dependencies import Dependencies
from ichor_trigger_api.http.error_mapping import answer
from ichor_trigger_api.http.paths import PREFIX
from ichor_trigger_api.http.response import ExactResponse
from ichor_trigger_api.http.unknown_parameters import refuse_unknown_parameters
from ichor_trigger_api.openapi import openapi_config
from ichor_trigger_api.telemetry.request_log import RequestLog
from ichor_trigger_api.telemetry.request_metrics import RequestMetrics
from ichor_trigger_api.telemetry.request_span import RequestSpan

_RESOURCES: list[ControllerRouterHandler] = [
    accept_event,
    RuleController,
    GraphController,
    validate_graph,
    ExecutionController,
    ApprovalController,
    AlertController,
    ActionTypeController,
]
"""All below `PREFIX`, in the order in which the OpenAPI document and the reference list them."""


def create_app(dependencies: Dependencies, *, shows_metrics: bool = True) -> Litestar:
    """Return the application over these parts; it opens and closes nothing itself.

    Args:
        dependencies: the parts.
        shows_metrics: False where `/metrics` is on a port of its own.
    """
    given = {name: _provide(part) for name, part in asdict(dependencies).items()}
    return Litestar(
        [
            Router(PREFIX, route_handlers=_RESOURCES, before_request=refuse_unknown_parameters),
            live,
            ready,
            *([show_metrics] if shows_metrics else []),
        ],
        dependencies=given,
        exception_handlers={Exception: answer},
        response_class=ExactResponse,
        logging_config=None,
        openapi_config=openapi_config(),
    )


def observed(app: ASGIApp) -> ASGIApp:
    """Return the application with a span, a log line and, if wanted, metrics for each request."""
    traced = RequestSpan(RequestLog(app))
    return RequestMetrics(traced) if is_measured() else traced


def bare_app() -> Litestar:
    """Return the application without anything behind it: its routes and its OpenAPI document."""
    nothing = dict.fromkeys(Dependencies.__struct_fields__)
    return create_app(Dependencies(**cast(dict[str, Any], nothing)))


def _provide(part: object) -> Provide:
    return Provide(lambda: part, sync_to_thread=False)
