"""ETags and If-Match (RFC 9110): change only the version that was read."""

from ichor_trigger_api.http.problems import ProblemError


def etag(version: int) -> str:
    """Return the entity tag of a version."""
    return f'"{version}"'


def expected_version(if_match: str | None, version: int) -> int | None:
    """Return the version that a change is meant for; None where any is meant.

    Args:
        if_match: the header; None and ``*`` mean any version.
        version: the present one.

    Raises:
        ProblemError: 412, the change is meant for another version.
    """
    if if_match is None or if_match.strip() == "*":
        return None
    if etag(version) not in (tag.strip() for tag in if_match.split(",")):
        raise precondition_failed(f"the version is {etag(version)}, not {if_match}: read it again")
    return version


def precondition_failed(detail: str) -> ProblemError:
    """Return the error of a change that is meant for another version."""
    return ProblemError(412, "precondition-failed", detail)
