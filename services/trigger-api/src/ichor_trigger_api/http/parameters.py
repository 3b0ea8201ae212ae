"""Parameters that several endpoints take."""

from datetime import UTC, datetime
from typing import Annotated, TypeVar
from uuid import UUID

from litestar.di import NamedDependency
from litestar.params import FromPath, HeaderParameter, QueryParameter, SkipValidation

from ichor_core import exact_json
from ichor_core.errors import ExactJsonError, InvalidInputError
from ichor_edgestore.database import decode_cursor
from ichor_trigger_api.http.problems import ProblemError, ProblemItem

T = TypeVar("T")

Given = NamedDependency[SkipValidation[T]]
"""A part of the application, by the parameter's name: see `Dependencies`."""
RuleKey = FromPath[UUID]
ExecutionKey = FromPath[UUID]
Limit = Annotated[
    int, QueryParameter(ge=1, le=200, description="Maximum number of items in a page.")
]
Cursor = Annotated[
    str | None,
    QueryParameter(
        max_length=500, description="`next_cursor` of the previous page; none: the first page."
    ),
]
Text = Annotated[str | None, QueryParameter(max_length=200)]
IfMatch = Annotated[
    str | None,
    HeaderParameter(name="if-match", description="ETag that was read: change only this version."),
]


def storable(**texts: str | None) -> None:
    """Refuse text that cannot be stored, so that nothing can match it.

    Raises:
        ProblemError: 400, with the name of the parameter.
    """
    for name, text in texts.items():
        try:
            exact_json.check_storable(text, path=name)
        except ExactJsonError as error:
            raise _wrong(name, error.message) from error


def in_utc(name: str, time: datetime | None) -> datetime | None:
    """Return a time in UTC; one without a zone is taken to be so.

    Raises:
        ProblemError: 400, with the name of the parameter.
    """
    if time is None:
        return None
    try:
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except OverflowError as error:
        raise _wrong(name, "this time is out of range") from error


def checked_cursor(cursor: str | None) -> str | None:
    """Return a cursor that a list can begin at.

    Raises:
        ProblemError: 400.
    """
    if cursor:
        try:
            decode_cursor(cursor)
        except InvalidInputError as error:
            raise _wrong("cursor", error.message) from error
    return cursor


def _wrong(name: str, message: str) -> ProblemError:
    item = ProblemItem(message=message, code="invalid_parameter", path=name)
    return ProblemError(400, "invalid-request", f"{name}: {message}", [item])
