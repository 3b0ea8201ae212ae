"""Errors as problem documents (RFC 9457)."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from litestar.openapi.datastructures import ResponseSpec
from msgspec import Struct

from ichor_core.errors import IchorError
from ichor_core.validation import Issue

PROBLEM_JSON = "application/problem+json"
_TYPE_PREFIX = "urn:ichor:problem:"


class ProblemItem(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One of the things that are wrong."""

    message: str
    """What is wrong and what to do."""
    code: str = ""
    """The kind of fault; stable, for programs."""
    path: str = ""
    """Where: a JSON path into the body, or the name of a parameter."""
    severity: str = ""
    """`error` or `warning`, of an issue of a graph."""
    action_id: str | None = None
    edge_id: str | None = None


class Problem(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Why a request was not carried out."""

    type: str
    """The kind of problem; stable, for programs."""
    title: str
    status: int
    detail: str
    """What is wrong in this case."""
    instance: str = ""
    """The path of the request."""
    errors: tuple[ProblemItem, ...] = ()
    """Each thing that is wrong."""
    trace_id: str = ""
    """Under which the log has more; of internal errors only."""


class ProblemError(IchorError, RuntimeError):
    """A request that is answered with a problem document."""

    def __init__(
        self,
        status: int,
        kind: str,
        detail: str,
        errors: Sequence[ProblemItem] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.kind = kind
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})

    def problem(self, instance: str, trace_id: str = "") -> Problem:
        """Return the document."""
        title = HTTPStatus(self.status).phrase
        return Problem(
            type=f"{_TYPE_PREFIX}{self.kind}",
            title=title,
            status=self.status,
            detail=self.detail,
            instance=instance,
            errors=self.errors,
            trace_id=trace_id,
        )


def item_of(issue: Issue) -> ProblemItem:
    """Return an issue of a graph as it is listed in a problem."""
    return ProblemItem(
        message=issue.message,
        code=issue.code,
        path=issue.path,
        severity=issue.severity,
        action_id=issue.action_id,
        edge_id=issue.edge_id,
    )


_DESCRIPTIONS = {
    400: "The request is not understood: malformed JSON, or a parameter that cannot be used.",
    403: "This person may not do it.",
    404: "What the path names is not there.",
    409: "What is stored does not allow it.",
    412: "It was changed since it was read: the ETag in If-Match is not the current one.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    422: "A value in the body cannot be used; `errors` says which.",
    503: "The database, or Temporal where it is needed, does not answer; try again.",
}


def problems(*statuses: int) -> dict[int, ResponseSpec]:
    """Return the documentation of the problems that an endpoint answers with."""
    return {
        status: ResponseSpec(
            Problem,
            description=_DESCRIPTIONS[status],
            media_type=PROBLEM_JSON,
            generate_examples=False,
        )
        for status in (400, *statuses, 503)
    }
