"""ETags and If-Match (RFC 9110): a change only of what was read."""

from ichor_trigger_api.http.problems import ProblemError


def etag(version: int) -> str:
    """Return the entity tag of a version."""
    return f'"{version}"'


def check_if_match(if_match: str | None, version: int) -> None:
    """Let a change through if it is meant for this version.

    Args:
        if_match: the header; None and ``*`` fit every version.
        version: the present one.

    Raises:
        ProblemError: 412.
    """
    if if_match is None or if_match.strip() == "*":
        return
    if etag(version) not in (tag.strip() for tag in if_match.split(",")):
        raise precondition_failed(f"the version is {etag(version)}, not {if_match}: read it again")


def precondition_failed(detail: str) -> ProblemError:
    """Return the error of a change that is meant for another version."""
    return ProblemError(412, "precondition-failed", detail)
