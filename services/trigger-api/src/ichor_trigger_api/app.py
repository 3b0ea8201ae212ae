"""The HTTP interface, put together."""

from litestar import Litestar, Router
from litestar.di import Provide
from litestar.types import ASGIApp

from ichor_runtime.metrics import is_measured
from ichor_trigger_api.action_types import ActionTypeController
from ichor_trigger_api.alerts import AlertController
from ichor_trigger_api.approvals import ApprovalController
from ichor_trigger_api.events import accept_event
from ichor_trigger_api.exact_response import ExactResponse
from ichor_trigger_api.executions import ExecutionController
from ichor_trigger_api.failures import answer
from ichor_trigger_api.graphs import GraphController, validate_graph
from ichor_trigger_api.health import live, ready
from ichor_trigger_api.metrics import show_metrics
from ichor_trigger_api.openapi import openapi_config
from ichor_trigger_api.parts import Parts
from ichor_trigger_api.paths import PREFIX
from ichor_trigger_api.request_log import RequestLog
from ichor_trigger_api.request_metrics import RequestMetrics
from ichor_trigger_api.request_span import RequestSpan
from ichor_trigger_api.rules import RuleController
from ichor_trigger_api.unknown_parameters import refuse_unknown_parameters


def create_app(parts: Parts) -> Litestar:
    """Return the application over these parts; it opens and closes nothing itself."""
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
        [workflow, live, ready, show_metrics],
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
