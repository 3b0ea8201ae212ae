"""The HTTP interface, put together."""

from litestar import Litestar, Router
from litestar.di import Provide
from litestar.types import ASGIApp

from ichor_runtime.telemetry import is_measured
from ichor_trigger_api.action_types import ActionTypeController
from ichor_trigger_api.alerts import AlertController
from ichor_trigger_api.approvals.controller import ApprovalController
from ichor_trigger_api.events.controller import accept_event
from ichor_trigger_api.executions.controller import ExecutionController
from ichor_trigger_api.health import live, ready
from ichor_trigger_api.http.error_mapping import answer
from ichor_trigger_api.http.metrics import show_metrics
from ichor_trigger_api.http.paths import PREFIX
from ichor_trigger_api.http.response import ExactResponse
from ichor_trigger_api.http.unknown_parameters import refuse_unknown_parameters
from ichor_trigger_api.openapi import openapi_config
from ichor_trigger_api.parts import Parts
from ichor_trigger_api.rules.controller import RuleController
from ichor_trigger_api.rules.graphs import GraphController, validate_graph
from ichor_trigger_api.telemetry.request_log import RequestLog
from ichor_trigger_api.telemetry.request_metrics import RequestMetrics
from ichor_trigger_api.telemetry.request_span import RequestSpan


def create_app(parts: Parts, *, shows_metrics: bool = True) -> Litestar:
    """Return the application over these parts; it opens and closes nothing itself.

    Args:
        parts: what it is made of.
        shows_metrics: False where `/metrics` is on a port of its own.
    """
    workflow = Router(
        PREFIX,
        route_handlers=[
            accept_event,
            RuleController,
            GraphController,
            validate_graph,
            ExecutionController,
            ApprovalController,
            AlertController,
            ActionTypeController,
        ],
        before_request=refuse_unknown_parameters,
    )
    return Litestar(
        [workflow, live, ready, *([show_metrics] if shows_metrics else [])],
        dependencies={"parts": Provide(lambda: parts, sync_to_thread=False)},
        exception_handlers={Exception: answer},
        response_class=ExactResponse,
        logging_config=None,
        openapi_config=openapi_config(),
    )


def observed(app: ASGIApp) -> ASGIApp:
    """Return the application with a span, a log line and, if wanted, metrics for each request."""
    traced = RequestSpan(RequestLog(app))
    return RequestMetrics(traced) if is_measured() else traced
