"""Which text is the URL of a system that can be called."""

from urllib.parse import urlsplit

from ichor_core.errors import InvalidInputError


def check_http_url(text: str, path: str = "$") -> str:
    """Return an absolute URL of http or https.

    Raises:
        InvalidInputError: it is none, or its port is no port. The message does not show the URL,
            which may hold secrets.
    """
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise InvalidInputError("not a URL: its host or port cannot be one", path) from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InvalidInputError(
            "expected an absolute URL that begins with http:// or https://", path
        )
    if port == 0:
        raise InvalidInputError("0 is not a port", path)
    return text
