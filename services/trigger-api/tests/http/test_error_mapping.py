import io
import json
import logging

import asyncpg
import httpx
import pytest
import structlog
from litestar import Litestar, get

from ichor_core.errors import ConflictError, InvalidInputError, NotFoundError
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
from ichor_runtime.logging import configure_logging
from ichor_runtime.settings import ProcessSettings
from ichor_trigger_api.app import observed
from ichor_trigger_api.http.error_mapping import answer, problem_of
from ichor_trigger_api.http.problems import ProblemError
from ichor_trigger_api.http.response import ExactResponse

SECRET = "the password is 1234"


@get("/broken")
async def broken() -> None:
    raise ZeroDivisionError(SECRET)


@get("/fine")
async def fine() -> dict[str, str]:
    return {"answer": SECRET}


@pytest.fixture
def lines():
    """Give a function that returns what has been logged, each line read."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    stream = io.StringIO()
    configure_logging(ProcessSettings(), stream=stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture
async def http():
    app = Litestar(
        [broken, fine],
        exception_handlers={Exception: answer},
        response_class=ExactResponse,
        logging_config=None,
        openapi_config=None,
    )
    transport = httpx.ASGITransport(observed(app))
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
        yield client


async def test_an_unknown_error_shows_its_trace_id_only(http, lines, check_problem):
    answered = await http.get("/broken")
    document = check_problem(answered, 500, "internal")
    assert SECRET not in answered.text
    assert "ZeroDivision" not in answered.text
    failed, request = lines()
    assert failed["trace_id"] == request["trace_id"] == document["trace_id"]
    assert failed["exception"][0]["exc_type"] == "ZeroDivisionError"
    assert (request["message"], request["status"]) == ("Request", 500)


async def test_a_request_is_logged_without_what_it_says(http, lines):
    trace_id = "0af7651916cd43dd8448eb211c80319c"
    headers = {"traceparent": f"00-{trace_id}-b7ad6b7169203331-01", "authorization": SECRET}
    await http.get("/fine", params={"q": SECRET}, headers=headers)
    (line,) = lines()
    assert SECRET not in str(line)
    assert line.pop("milliseconds") >= 0
    line.pop("timestamp")
    assert line == {
        "message": "Request",
        "level": "info",
        "logger": "ichor_trigger_api.telemetry.request_log",
        "method": "GET",
        "path": "/fine",
        "status": 200,
        "trace_id": trace_id,
    }


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (ProblemError(418, "teapot", "short and stout"), 418, "teapot"),
        (InvalidInputError("no", "$.a"), 422, "invalid-value"),
        (NotFoundError("no"), 404, "not-found"),
        (ConflictError("no"), 409, "conflict"),
        (InvalidFormError([("$.form", "no")]), 422, "invalid-form"),
        (GraphTooLargeError(2, 1), 413, "graph-too-large"),
        (NotPermittedError("no"), 403, "not-allowed"),
        (VersionConflictError("no"), 412, "precondition-failed"),
        (RuleWithoutGraphError("no"), 409, "rule-without-graph"),
        (ExecutionEndedError("e", "failed"), 409, "already-ended"),
        (AlreadyDecidedError("no", "approved"), 409, "already-decided"),
        (TemporalUnavailableError("no"), 503, "unavailable"),
        (asyncpg.DataError("no"), 422, "invalid-value"),
        (asyncpg.InternalClientError("no"), 503, "unavailable"),
        (asyncpg.AdminShutdownError("no"), 503, "unavailable"),
        (ConnectionRefusedError("no"), 503, "unavailable"),
        (TimeoutError(), 503, "unavailable"),
    ],
)
def test_each_error_has_its_problem(error, status, kind):
    known = problem_of(error)
    assert known is not None
    assert (known.status, known.kind) == (status, kind)


@pytest.mark.parametrize("error", [KeyError("a"), ValueError("a"), AssertionError()])
def test_what_nobody_expects_is_not_explained(error):
    assert problem_of(error) is None
