"""Parameters that several endpoints take."""

from typing import Annotated
from uuid import UUID

from litestar.di import NamedDependency
from litestar.params import FromPath, HeaderParameter, QueryParameter, SkipValidation

from ichor_core import exact_json
from ichor_core.errors import ExactJsonError
from ichor_trigger_api.parts import Parts
from ichor_trigger_api.problems import ProblemError, ProblemItem

GivenParts = NamedDependency[SkipValidation[Parts]]
"""The parts of the service, in a handler."""
RuleKey = FromPath[UUID]
ExecutionKey = FromPath[UUID]
Limit = Annotated[int, QueryParameter(ge=1, le=200, description="Items a page at most.")]
Cursor = Annotated[
    str | None, QueryParameter(max_length=500, description="`next_cursor` of the page before.")
]
Text = Annotated[str | None, QueryParameter(max_length=200)]
IfMatch = Annotated[
    str | None, HeaderParameter(name="if-match", description="The ETag of what was read.")
]


def storable(**texts: str | None) -> None:
    """Refuse text that nothing stored can be equal to.

    Raises:
        ProblemError: 400, with the name of the parameter.
    """
    for name, text in texts.items():
        try:
            exact_json.check_storable(text, path=name)
        except ExactJsonError as error:
            item = ProblemItem(error.message, "invalid_parameter", name)
            raise ProblemError(400, "invalid-request", str(error), [item]) from error
