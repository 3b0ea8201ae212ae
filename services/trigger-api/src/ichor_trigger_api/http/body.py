"""Request bodies: exact JSON, read into strict structs."""

from collections.abc import Generator
from typing import Any, TypeVar, cast

import msgspec
from litestar.connection import ASGIConnection
from litestar.dto import AbstractDTO, DTOConfig, DTOFieldDefinition
from litestar.typing import FieldDefinition

from ichor_core import exact_json
from ichor_core.errors import ExactJsonError
from ichor_trigger_api.http.problems import ProblemError, ProblemItem

T = TypeVar("T")

MAX_EVENT_BYTES = 1024 * 1024
MAX_GRAPH_BYTES = 4 * 1024 * 1024
MAX_RULE_BYTES = 256 * 1024


class ExactBody(AbstractDTO[T]):
    """Reads the body of a handler: ``dto=ExactBody[EventIn], return_dto=None``."""

    config = DTOConfig()

    def decode_bytes(self, value: bytes) -> Any:
        """Read a body.

        Raises:
            ProblemError: another media type (415), no JSON (400), a value that is refused (422).
        """
        connection: ASGIConnection[Any, Any, Any, Any] = cast(Any, self).asgi_connection
        media_type = connection.headers.get("content-type", "application/json")
        media_type = media_type.partition(";")[0].strip().lower()
        if media_type != "application/json" and not media_type.endswith("+json"):
            raise ProblemError(
                415,
                "unsupported-media-type",
                f"the body must be application/json, not {media_type}",
            )
        return read_body(value, self.model_type)

    @classmethod
    def create_for_field_definition(cls, *args: Any, **kwargs: Any) -> None:
        """Prepare nothing: the struct itself is read."""

    @classmethod
    def create_openapi_schema(
        cls, field_definition: FieldDefinition, handler_id: str, schema_creator: Any
    ) -> Any:
        """Return the schema of the struct."""
        return schema_creator.for_field_definition(field_definition)

    @classmethod
    def generate_field_definitions(
        cls, model_type: type[Any]
    ) -> Generator[DTOFieldDefinition, None, None]:
        """Return no definitions: the struct itself is read."""
        yield from ()

    @classmethod
    def detect_nested_field(cls, field_definition: FieldDefinition) -> bool:
        """Say no: the struct itself is read."""
        return False


def read_body(body: bytes, into: type[T]) -> T:
    """Read JSON into a struct.

    Raises:
        ProblemError: 400 where it is not JSON, 422 where a value is refused; both name the place.
    """
    try:
        return exact_json.decode(body, into)
    except ExactJsonError as error:
        # The parser stops at the first value that is refused; what follows may not be JSON at all.
        fault = error if _is_malformed(error) else _fault_of_text(body)
        if fault is not None:
            raise ProblemError(400, "malformed-json", fault.message) from error
        path = error.path or "$"
        item = ProblemItem(message=error.message, code="invalid_value", path=path)
        raise ProblemError(422, "invalid-value", f"{path}: {error.message}", [item]) from error


def _fault_of_text(body: bytes) -> ExactJsonError | None:
    try:
        exact_json.decode(body)
    except ExactJsonError as error:
        return error if _is_malformed(error) else None
    return None


def _is_malformed(error: ExactJsonError) -> bool:
    """Say whether the text is no JSON; otherwise it is JSON with a value that is refused."""
    cause = error.__cause__
    return cause is not None and not isinstance(cause, msgspec.ValidationError)
