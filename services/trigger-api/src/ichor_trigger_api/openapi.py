"""The OpenAPI document, with the exact schemas of all bodies."""

from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from typing import Any, cast, get_args

import msgspec
from litestar import Litestar, Request
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, YamlRenderPlugin
from litestar.routes import HTTPRoute

from ichor_core import exact_json

_DESCRIPTION = (
    "Report entity events, manage automation rules and their graphs, follow executions, "
    "read alerts and decide approvals. "
    "Every error is answered with a problem document (RFC 9457)."
)


def bodies_of(app: Litestar) -> list[type[msgspec.Struct]]:
    """Return the structs that the documented routes read and write, sorted by name."""
    handlers = (
        handler
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for handler, _ in route.route_handler_map.values()
        if handler.resolve_include_in_schema()
    )
    found = {struct for handler in handlers for struct in _bodies(handler)}
    return sorted(found, key=lambda struct: struct.__name__)


def document_of(app: Litestar) -> dict[str, Any]:
    """Return the OpenAPI document of an application."""
    return _complete(app.openapi_schema.to_schema(), app)


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


def _bodies(handler: HTTPRouteHandler) -> Iterator[type[msgspec.Struct]]:
    if handler.parsed_data_field is not None:
        yield from _structs_in(handler.parsed_data_field.annotation)
    yield from _structs_in(handler.parsed_return_field.annotation)
    for response in (handler.responses or {}).values():
        yield from _structs_in(cast(Any, response).data_container)


def _structs_in(annotation: Any) -> Iterator[type[msgspec.Struct]]:
    """Yield the structs that a type is made of, such as `Rule` of `ExactResponse[Rule]`."""
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        yield annotation
    for argument in get_args(annotation):
        yield from _structs_in(argument)


def _complete(document: dict[str, Any], app: Litestar) -> dict[str, Any]:
    """Return the framework's document with the exact schemas of all bodies.

    The framework's own miss limits of optional fields, and that unknown fields are refused.
    """
    components = {**document["components"], "schemas": _schemas(*bodies_of(app))}
    return {**document, "components": components}


@cache
def _schemas(*bodies: type[msgspec.Struct]) -> dict[str, Any]:
    _, components = msgspec.json.schema_components(
        bodies, ref_template="#/components/schemas/{name}"
    )
    return components


class _Json(JsonRenderPlugin):
    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        return exact_json.encode(_complete(openapi_schema, request.app))


class _Yaml(YamlRenderPlugin):
    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        framework = cast(Any, super())  # its signature is not complete
        return framework.render(request, _complete(openapi_schema, request.app))


def _operation_id(handler: HTTPRouteHandler, _method: Any, _path: Any) -> str:
    return handler.handler_name
