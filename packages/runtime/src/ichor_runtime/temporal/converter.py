"""The payload converter for Temporal: JSON with exact numbers.

A payload that cannot be read, or a value that cannot be written, raises a non-retryable
`ApplicationError` of type `PayloadError`. Inside a workflow that fails the workflow; any other
exception there would fail the workflow task, which the server retries forever.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any, cast

import msgspec
from temporalio.api.common.v1 import Payload
from temporalio.converter import (
    CompositePayloadConverter,
    DataConverter,
    DefaultPayloadConverter,
    EncodingPayloadConverter,
    JSONPlainPayloadConverter,
)
from temporalio.exceptions import ApplicationError, FailureError

from ichor_core import exact_json
from ichor_core.errors import ExactJsonError, IchorError

PAYLOAD_ERROR = "PayloadError"
"""The type of the error of an invalid payload."""


class ExactJsonPayloadConverter(EncodingPayloadConverter):
    """Keeps the encoding `json/plain`, so that Temporal's tools show the values."""

    @property
    def encoding(self) -> str:
        """The name of the encoding."""
        return "json/plain"

    def to_payload(self, value: Any) -> Payload:
        """Write plain data, msgspec structs and other values that msgspec encodes.

        Raises:
            ApplicationError: the value cannot be kept, such as a lone surrogate.
        """
        try:
            data = exact_json.encode(value)
        except ExactJsonError as error:
            raise payload_error(f"{type(value).__name__} cannot be sent: {error}") from error
        return Payload(metadata={"encoding": b"json/plain"}, data=data)

    def from_payload(self, payload: Payload, type_hint: type[Any] | None = None) -> Any:
        """Read a value into the type that the receiver names.

        Raises:
            ExactJsonError: it is not JSON, or not of this type.
        """
        hint: Any = Any if type_hint is None else type_hint
        return exact_json.decode(payload.data, hint)


class ExactPayloadConverter(CompositePayloadConverter):
    """The encodings of every Temporal SDK, with exact numbers in JSON."""

    def __init__(self) -> None:
        super().__init__(
            *(
                ExactJsonPayloadConverter()
                if isinstance(converter, JSONPlainPayloadConverter)
                else converter
                for converter in DefaultPayloadConverter.default_encoding_payload_converters
            )
        )

    def from_payloads(
        self, payloads: Sequence[Payload], type_hints: list[type] | None = None
    ) -> list[Any]:
        """Read values.

        Raises:
            ApplicationError: a payload cannot be read as the type that is named.
        """
        try:
            values = super().from_payloads(payloads, type_hints)
        except FailureError:
            raise
        except Exception as error:
            raise payload_error(f"a payload cannot be read: {_cause(error)}") from error
        hints = cast(Sequence[Any], type_hints or ())  # generic aliases among them
        for value, hint in zip(values, hints, strict=False):
            if value is None and isinstance(hint, type) and issubclass(hint, msgspec.Struct):
                raise payload_error(f"a payload cannot be read: expected {hint.__name__}, got null")
        return values


def payload_error(message: str) -> ApplicationError:
    """Return the error that ends a workflow instead of retrying its task forever."""
    return ApplicationError(message, type=PAYLOAD_ERROR, non_retryable=True)


def _cause(error: Exception) -> str:
    """Return the text of the cause of an error; the SDK's converters wrap theirs."""
    inner = error if isinstance(error, IchorError) else error.__cause__ or error
    return str(inner) or type(inner).__name__


data_converter = dataclasses.replace(
    DataConverter.default, payload_converter_class=ExactPayloadConverter
)
"""The data converter of every client and worker of the engine."""
