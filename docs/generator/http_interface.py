"""docs/reference/http.md: the HTTP interface, from its OpenAPI document."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from docs.generator.json_schema import default_of, properties_table, type_of
from docs.generator.markdown import anchor, code, page, sentence, table
from msgspec import Struct

from ichor_actions.definition import property_docstrings, structs_in
from ichor_trigger_api.app import bare_app
from ichor_trigger_api.http.paths import PREFIX
from ichor_trigger_api.openapi import bodies_of, document_of

Document = Mapping[str, Any]

_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]

_INTRODUCTION = f"""\
Served by the trigger API; paths of workflows stand below `{PREFIX}`. The service itself has the
[OpenAPI](https://www.openapis.org) document, at `/schema/openapi.json` and `/schema/openapi.yaml`.
[Its README](../../services/trigger-api/README.md#common-to-all-endpoints) describes ETags, pages,
sizes and errors. It also serves `/health/live`, `/health/ready` and [`/metrics`](../metrics.md).

**Users are not authenticated here**: let only a proxy that authenticates them reach the service."""
_ERRORS = """\
Every error is a [problem](#problem) (RFC 9457). Each operation lists its statuses; 400 and 503 are
not listed, because all operations except those of health have them."""


def http_page() -> str:
    """Return the page."""
    app = bare_app()
    document = document_of(app)
    operations = _operations(document["paths"])
    schemas = document["components"]["schemas"]
    structs = structs_in(*bodies_of(app))
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
        *(part for name in sorted(schemas) for part in _schema(name, schemas[name], structs[name])),
    )


def _operations(paths: Document) -> list[tuple[str, str, Document]]:
    """Return method, path and description, by resource as the document lists them."""
    resources = list(dict.fromkeys(map(_resource, paths)))
    found = [
        (method.upper(), path, operation)
        for path, methods in paths.items()
        for method, operation in methods.items()
    ]
    return sorted(
        found, key=lambda one: (resources.index(_resource(one[1])), one[1], _METHODS.index(one[0]))
    )


def _resource(path: str) -> str:
    return _short(path).strip("/").partition("/")[0]


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


def _schema(name: str, schema: Document, struct: type[Struct]) -> Iterator[str]:
    yield f"### {name}"
    yield sentence(schema.get("description", "").split("\n\n")[0])
    yield properties_table(schema, property_docstrings(struct), _link)


def _link(name: str) -> str:
    return f"[{name}](#{anchor(name)})"
