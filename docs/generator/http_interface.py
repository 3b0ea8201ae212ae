"""docs/reference/http.md: the HTTP interface, from its OpenAPI document."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, cast

from docs.generator.json_schema import default_of, properties_table, type_of
from docs.generator.markdown import anchor, code, page, sentence, table

from ichor_actions.definition import property_docstrings, structs_in
from ichor_trigger_api.app import create_app
from ichor_trigger_api.http.paths import PREFIX
from ichor_trigger_api.openapi import BODIES, complete
from ichor_trigger_api.parts import Parts

Document = Mapping[str, Any]

_INTRODUCTION = f"""\
Served by the trigger API; paths of workflows stand below `{PREFIX}`. The service itself has the
[OpenAPI](https://www.openapis.org) document, at `/schema/openapi.json` and `/schema/openapi.yaml`.
What holds for all of it, such as ETags, pages, sizes and errors, is said in
[its README](../../services/trigger-api/README.md#what-holds-everywhere). Beside it there are
`/health/live`, `/health/ready` and [`/metrics`](../metrics.md).

**Nobody is authenticated here**: let only a proxy that authenticates people reach the service."""
_ERRORS = """\
Every error is a [problem](#problem) (RFC 9457). Below, statuses are named where an operation has
them beside 400 and 503, which all have but those of health."""


def http_page() -> str:
    """Return the page."""
    document = complete(create_app(cast(Parts, None)).openapi_schema.to_schema())
    operations = sorted(_operations(document["paths"]), key=_order)
    schemas = document["components"]["schemas"]
    overview = [
        (code(f"{method} {_short(path)}"), f"[{one['summary']}](#{_anchor(one)})")
        for method, path, one in operations
    ]
    problems = {
        status: answer["description"]
        for _, _, one in operations
        for status, answer in one["responses"].items()
        if "application/problem+json" in answer.get("content", {})
    }
    return page(
        "HTTP interface",
        _INTRODUCTION,
        table(("request", ""), overview),
        "## Errors",
        _ERRORS,
        table(("status", "means"), sorted(problems.items())),
        "## Operations",
        *(part for each in operations for part in _operation(*each)),
        "## Bodies",
        *(part for name in sorted(schemas) for part in _schema(name, schemas[name])),
    )


def _operations(paths: Document) -> Iterator[tuple[str, str, Document]]:
    for path, methods in paths.items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def _order(operation: tuple[str, str, Document]) -> tuple[Any, ...]:
    method, path, _ = operation
    resource = path.removeprefix(PREFIX).strip("/").partition("/")[0]
    first = [
        "events",
        "rules",
        "graphs",
        "executions",
        "approvals",
        "alerts",
        "action-types",
        "health",
    ]
    return first.index(resource), path, ["GET", "POST", "PUT", "PATCH", "DELETE"].index(method)


def _short(path: str) -> str:
    return path.removeprefix(PREFIX)


def _anchor(operation: Document) -> str:
    heading: str = operation["summary"]
    return anchor(heading.replace("'", "").replace("?", ""))


def _operation(method: str, path: str, operation: Document) -> Iterator[str]:
    yield f"### {operation['summary']}"
    yield code(f"{method} {path}")
    yield from map(sentence, operation["description"].split("\n\n"))
    parameters = [
        (
            code(one["name"]),
            one["in"],
            type_of(one["schema"], _link),
            default_of(one["schema"], is_required=one["required"]),
            one.get("description", ""),
        )
        for one in operation.get("parameters", ())
        if not (one["in"] == "path" and one["name"].endswith(("_id", "_type")))
    ]
    yield table(("parameter", "in", "type", "default", "meaning"), parameters)
    body = operation.get("requestBody")
    if body:
        (content,) = body["content"].values()
        yield f"Body: {type_of(content['schema'], _link)}."
    yield _answers(operation["responses"])


def _answers(responses: Document) -> str:
    texts: list[str] = []
    refused: list[str] = []
    for status, answer in responses.items():
        if status >= "400":
            refused += [status] if status not in ("400", "503") else []
            continue
        kinds = [
            type_of(content["schema"], _link) if kind == "application/json" else kind
            for kind, content in answer.get("content", {}).items()
        ]
        phrase = HTTPStatus(int(status)).phrase
        texts.append(f"{status} {phrase}" + (f", {' or '.join(kinds)}" if kinds else ""))
    errors = f" Errors: {', '.join(refused)}." if refused else ""
    return f"Answer: {'; '.join(texts)}.{errors}"


def _schema(name: str, schema: Document) -> Iterator[str]:
    yield f"### {name}"
    yield sentence(schema.get("description", "").split("\n\n")[0])
    yield properties_table(schema, property_docstrings(structs_in(*BODIES)[name]), _link)


def _link(name: str) -> str:
    return f"[{name}](#{anchor(name)})"
