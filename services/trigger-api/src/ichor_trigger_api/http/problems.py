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
    """A fault of a request."""

    message: str
    """Description of the fault, and its cure."""
    code: str = ""
    """Kind of fault; stable, for programs."""
    path: str = ""
    """Place: a JSON path into the body, or the name of a parameter."""
    severity: str = ""
    """`error` or `warning`; only issues of graphs have it."""
    action_id: str | None = None
    edge_id: str | None = None


class Problem(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Reason why a request failed (RFC 9457)."""

    type: str
    """Kind of problem; stable, for programs."""
    title: str
    status: int
    detail: str
    """Description of this case."""
    instance: str = ""
    """Path of the request."""
    errors: tuple[ProblemItem, ...] = ()
    """All faults."""
    trace_id: str = ""
    """Trace id of the log lines; only internal errors have it."""


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
    400: "Malformed JSON, or an invalid parameter.",
    403: "Not permitted for this user.",
    404: "Not found.",
    409: "Conflicts with the current state.",
    412: "Changed since it was read: If-Match is not the current ETag.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    422: "Invalid value in the body; `errors` names the place.",
    503: "The database, or Temporal where it is needed, is unavailable; try again.",
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
