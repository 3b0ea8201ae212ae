"""Refuses query parameters that an endpoint does not take.

A filter whose name is misspelt would list everything.
"""

from typing import Any, cast
from urllib.parse import parse_qsl

from litestar import Litestar, Request
from litestar.openapi.spec import Operation, Parameter

from ichor_core.explain import suggest
from ichor_trigger_api.http.problems import ProblemError, ProblemItem

_KNOWN = "known_query_parameters"


async def refuse_unknown_parameters(request: Request[Any, Any, Any]) -> None:
    """Hold the query against the parameters that the OpenAPI document lists.

    Raises:
        ProblemError: 400, with each unknown name, and the name that may have been meant.
    """
    query: bytes = request.scope["query_string"]
    if not query:
        return
    known = _known(request.app).get(request.route_handler.handler_name)
    if known is None:  # answered by the framework itself, such as OPTIONS
        return
    given = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    unknown = [name for name in dict.fromkeys(name for name, _ in given) if name not in known]
    if unknown:
        items = [
            ProblemItem(message=_explain(name, known), code="unknown_parameter", path=name)
            for name in unknown
        ]
        detail = "; ".join(f"{item.path}: {item.message}" for item in items)
        raise ProblemError(400, "invalid-request", detail, items)


def _explain(name: str, known: list[str]) -> str:
    if not known:
        return "this endpoint takes no parameters"
    return f"there is no such parameter; {suggest(name.lower(), known)}"


def _known(app: Litestar) -> dict[str, list[str]]:
    """Return the names by the operation's id, which is the name of its handler."""
    known: dict[str, list[str]] | None = app.state.get(_KNOWN)
    if known is None:
        operations = [
            operation
            for path in (app.openapi_schema.paths or {}).values()
            for operation in (path.get, path.put, path.post, path.patch, path.delete)
            if operation is not None
        ]
        known = {cast(str, one.operation_id): _query_of(one) for one in operations}
        app.state[_KNOWN] = known
    return known


def _query_of(operation: Operation) -> list[str]:
    return [
        parameter.name
        for parameter in operation.parameters or ()
        if isinstance(parameter, Parameter) and parameter.param_in == "query"
    ]
