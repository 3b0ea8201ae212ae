"""The problem document of each exception: the only place that knows both."""

import logging
from collections.abc import Callable
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
from ichor_engine.errors import (
    AlreadyDecidedError,
    ExecutionEndedError,
    GraphTooLargeError,
    InvalidFormError,
    NotPermittedError,
    RuleWithoutGraphError,
    TemporalUnavailableError,
    VersionConflictError,
)
from ichor_runtime.telemetry import current_trace_id
from ichor_trigger_api.http.paths import PREFIX, explain_method, explain_path
from ichor_trigger_api.http.preconditions import precondition_failed
from ichor_trigger_api.http.problems import (
    PROBLEM_JSON,
    Problem,
    ProblemError,
    ProblemItem,
    item_of,
)
from ichor_trigger_api.http.response import ExactResponse

_logger = logging.getLogger(__name__)

_SAVE_GRAPH = f"save one with PUT {PREFIX}/rules/{{rule_id}}/graph, then activate the rule"
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
    unknown = ProblemError(500, "internal", "Internal error; find it in the log by its trace id.")
    return _response(unknown, unknown.problem(instance, current_trace_id()))


def _explained(request: Request[Any, Any, Any], error: Exception) -> Exception:
    """Return the error with a message that names the known paths, methods or values."""
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
    """Return the problem of an exception; None for an unexpected one."""
    for kind in type(error).__mro__:
        if kind in _PROBLEMS:
            return _PROBLEMS[kind](error)
    return None


def _of_graph(error: InvalidGraphError) -> ProblemError:
    items = [item_of(issue) for issue in error.issues]
    return ProblemError(422, "invalid-graph", error.message, items)


def _of_form(error: InvalidFormError) -> ProblemError:
    items = [
        ProblemItem(message=message, code="invalid_value", path=path)
        for path, message in error.faults
    ]
    return ProblemError(422, "invalid-form", str(error), items)


def _of_input(error: InvalidInputError) -> ProblemError:
    item = ProblemItem(message=error.message, code="invalid_value", path=error.path)
    return ProblemError(422, "invalid-value", str(error), [item])


def _of_decided(error: AlreadyDecidedError) -> ProblemError:
    state = error.status.replace("_", " ")
    item = ProblemItem(message=f"the approval is {state}", code=error.status)
    return ProblemError(409, "already-decided", str(error), [item])


def _of_refused_value(error: asyncpg.DataError) -> ProblemError:
    # A value that passed every check, but not that of the database.
    _logger.warning("Database refused a value", exc_info=error)
    return ProblemError(422, "invalid-value", f"the database refused a value: {error}")


def _of_database(error: Exception) -> ProblemError:
    _logger.warning("Database unavailable", exc_info=error)
    detail = "the database is unavailable; try again"
    return ProblemError(503, "unavailable", detail, (), {"Retry-After": "1"})


def _of_temporal(error: TemporalUnavailableError) -> ProblemError:
    return ProblemError(503, "unavailable", str(error), (), {"Retry-After": "5"})


def _of_framework(error: HTTPException) -> ProblemError | None:
    status = error.status_code
    if status >= 500:
        return None
    items: list[ProblemItem] = []
    if isinstance(error, ValidationException) and isinstance(error.extra, list):
        for entry in cast(list[dict[str, Any]], error.extra):
            name = str(entry.get("key", ""))
            if name == "data":  # the framework's name for the body
                return ProblemError(400, "malformed-json", "expected a body, in JSON")
            items.append(
                ProblemItem(
                    message=str(entry.get("message", "")), code="invalid_parameter", path=name
                )
            )
    detail = "; ".join(f"{item.path}: {item.message}" for item in items)
    detail = detail or _DETAILS.get(status) or error.detail
    kind = _KINDS.get(status, HTTPStatus(status).phrase.lower().replace(" ", "-"))
    return ProblemError(status, kind, detail, items, error.headers)


def _text(status: int, kind: str) -> Callable[[Exception], ProblemError]:
    return lambda error: ProblemError(status, kind, str(error))


_PROBLEMS: dict[type[BaseException], Callable[[Any], ProblemError | None]] = {
    ProblemError: lambda error: error,
    HTTPException: _of_framework,
    InvalidGraphError: _of_graph,
    InvalidFormError: _of_form,
    InvalidInputError: _of_input,
    GraphTooLargeError: _text(413, "graph-too-large"),
    NotPermittedError: _text(403, "not-allowed"),
    NotFoundError: _text(404, "not-found"),
    UnknownActionError: _text(404, "not-found"),
    ConflictError: _text(409, "conflict"),
    ExecutionEndedError: _text(409, "already-ended"),
    AlreadyDecidedError: _of_decided,
    RuleWithoutGraphError: lambda error: ProblemError(
        409, "rule-without-graph", f"{error}: {_SAVE_GRAPH}"
    ),
    VersionConflictError: lambda error: precondition_failed(str(error)),
    TemporalUnavailableError: _of_temporal,
    asyncpg.DataError: _of_refused_value,
    **dict.fromkeys((*TRANSIENT_ERRORS, TimeoutError), _of_database),
}
"""The nearest class of an exception decides."""
