"""URLs of systems that actions call."""

from urllib.parse import urlsplit

from ichor_core.errors import InvalidInputError


def check_http_url(text: str, path: str = "$") -> str:
    """Return an absolute URL of http or https.

    Raises:
        InvalidInputError: not such a URL, or its port is invalid. The message does not show the
            URL, which may hold secrets.
    """
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise InvalidInputError("not a URL: invalid host or port", path) from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InvalidInputError(
            "expected an absolute URL that begins with http:// or https://", path
        )
    if port == 0:
        raise InvalidInputError("invalid port 0", path)
    return text
