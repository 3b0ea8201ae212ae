"""Which problem document each exception leads to."""

import logging
from http import HTTPStatus
from typing import Any, cast

import asyncpg
from litestar import Request
from litestar.exceptions import (
    HTTPException,
    MethodNotAllowedException,
    NotFoundException,
    ValidationException,
)

from ichor_core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    UnknownActionError,
)
from ichor_core.explain import explain
from ichor_core.validation import InvalidGraphError
from ichor_edgestore.database import TRANSIENT_ERRORS
from ichor_trigger_api.http.paths import explain_method, explain_path
from ichor_trigger_api.http.problems import (
    PROBLEM_JSON,
    Problem,
    ProblemError,
    ProblemItem,
    item_of,
)
from ichor_trigger_api.http.response import ExactResponse
from ichor_trigger_api.telemetry.request_span import current_trace_id

_logger = logging.getLogger(__name__)

_RETRY = {"Retry-After": "1"}
_KINDS = {
    400: "invalid-request",
    404: "not-found",
    405: "method-not-allowed",
    413: "body-too-large",
    415: "unsupported-media-type",
}
_DETAILS = {
    413: "the body is too large: an event may have 1 MiB, a graph 4 MiB, a rule 256 KiB",
}


def answer(request: Request[Any, Any, Any], error: Exception) -> ExactResponse[Problem]:
    """Answer a request whose handler raised."""
    known = problem_of(_explained(request, error))
    instance = request.scope["path"]
    if known is not None:
        return _response(known, known.problem(instance))
    _logger.error("%s %s failed", request.method, instance, exc_info=error)
    unknown = ProblemError(500, "internal", "An internal error; the log has it under the trace id.")
    return _response(unknown, unknown.problem(instance, current_trace_id()))


def _explained(request: Request[Any, Any, Any], error: Exception) -> Exception:
    """Return the error with messages that say what there is: paths, methods, values."""
    match error:
        case NotFoundException():
            templates = [route.path_format for route in request.app.routes]
            return NotFoundException(explain_path(request.scope["path"], templates))
        case MethodNotAllowedException():
            headers = error.headers or {}
            allowed = headers.get("allow", "").split(", ")
            return MethodNotAllowedException(
                explain_method(request.method, allowed), headers=headers
            )
        case _:
            return _explained_parameters(request, error)


def _explained_parameters(request: Request[Any, Any, Any], error: Exception) -> Exception:
    if not isinstance(error, ValidationException) or not isinstance(error.extra, list):
        return error
    expected = request.route_handler.signature_model
    for entry in cast(list[dict[str, Any]], error.extra):
        name = str(entry.get("key", ""))
        text = f"{entry.get('message', '')} - at `$.{name}`"
        entry["message"], _ = explain(text, expected, dict(request.query_params))
    return error


def _response(error: ProblemError, problem: Problem) -> ExactResponse[Problem]:
    return ExactResponse(
        problem, status_code=error.status, media_type=PROBLEM_JSON, headers=error.headers
    )


def problem_of(error: Exception) -> ProblemError | None:
    """Return what is answered to an exception; None for one that nobody expects."""
    match error:
        case ProblemError():
            return error
        case InvalidGraphError():
            items = [item_of(issue) for issue in error.issues]
            return ProblemError(422, "invalid-graph", error.message, items)
        case InvalidInputError():
            item = ProblemItem(message=error.message, code="invalid_value", path=error.path)
            return ProblemError(422, "invalid-value", str(error), [item])
        case NotFoundError() | UnknownActionError():
            return ProblemError(404, "not-found", str(error))
        case ConflictError():
            return ProblemError(409, "conflict", str(error))
        case HTTPException():
            return _of_framework(error)
        case asyncpg.DataError():
            # A value that passed every check and which the database refuses all the same.
            _logger.warning("PostgreSQL refuses a value", exc_info=error)
            return ProblemError(422, "invalid-value", f"the database refuses a value: {error}")
        case _ if isinstance(error, (*TRANSIENT_ERRORS, TimeoutError)):
            _logger.warning("The database cannot be used", exc_info=error)
            return ProblemError(
                503, "unavailable", "the database does not answer; try again", (), _RETRY
            )
        case _:
            return None


def _of_framework(error: HTTPException) -> ProblemError | None:
    status = error.status_code
    if status >= 500:
        return None
    items: list[ProblemItem] = []
    if isinstance(error, ValidationException) and isinstance(error.extra, list):
        for entry in cast(list[dict[str, Any]], error.extra):
            name = str(entry.get("key", ""))
            if name == "data":  # the framework's name for the body
                return ProblemError(400, "malformed-json", "a body is expected, in JSON")
            items.append(
                ProblemItem(
                    message=str(entry.get("message", "")), code="invalid_parameter", path=name
                )
            )
    detail = "; ".join(f"{item.path}: {item.message}" for item in items)
    detail = detail or _DETAILS.get(status) or error.detail
    kind = _KINDS.get(status, HTTPStatus(status).phrase.lower().replace(" ", "-"))
    return ProblemError(status, kind, detail, items, error.headers)
