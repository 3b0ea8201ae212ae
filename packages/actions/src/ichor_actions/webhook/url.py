"""The URL of a call: what its templates insert is data, and stays in its place.

Data is percent-encoded, so that it keeps to one path segment or one part of the query. Scheme,
user, host and port never come from data unless the action says so, which no template can say.
"""

import re
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import quote, unquote

import httpx2

from ichor_actions.definition.constraints import Constraint
from ichor_actions.errors import ConfigError, config_errors
from ichor_core.expressions import MergedContext, is_template, render_text, resolve_templates
from ichor_core.formats import check_http_url

ALLOW = "allow_host_from_data"
HOST_FROM_DATA = (
    "url must begin with http:// or https:// and a host without templates, followed by /, ? or #; "
    f"to take the host from data, set {ALLOW} to true"
)
_FIXED_HOST = r"^[hH][tT][tT][pP][sS]?://[^/?#{]+[/?#]"
HOST_IS_FIXED: Constraint = {
    "not": {
        "required": ["url"],
        "properties": {
            "url": {"type": "string", "pattern": r"\{\{", "not": {"pattern": _FIXED_HOST}},
            ALLOW: {"not": {"const": True}},
        },
    },
    "errorMessage": HOST_FROM_DATA,
}
"""The same as a schema, so that it is said when a graph is saved."""
_TEMPLATE = re.compile(r'(\{\{(?:[^"}]|"(?:[^"\\]|\\.)*+"|\}(?!\}))*+\}\})', re.DOTALL)
_HOST_PART = re.compile(r"[\w.:\[\]-]*")
_DATA = "\0"


def read_url(
    url: str, query: Mapping[str, Any], written: Mapping[str, Any], context: MergedContext
) -> httpx2.URL:
    """Return the URL of a call with the parameters of its query.

    Args:
        url: as its templates resolve to text.
        query: parameters that are added; a list repeats its parameter.
        written: the config before its templates were resolved.
        context: what its templates read.

    Raises:
        ConfigError: not a URL of http or https; a host from data that the action does not allow; a
            path segment that data makes empty, `.` or `..`.
    """
    template = written.get("url")
    if is_template(template):
        url = _resolve(cast(str, template), context, written.get(ALLOW) is True)
    with config_errors():
        check_http_url(url, "$.url")
    try:
        read = httpx2.URL(url)
        added = {
            key: [render_text(item) for item in cast(list[Any], value)]
            if isinstance(value, list)
            else render_text(value)
            for key, value in query.items()
        }
        merged = read.copy_merge_params(added) if added else read
    except (httpx2.InvalidURL, UnicodeError) as error:
        raise ConfigError(f"not a URL: {error}", "$.url") from error
    if read.scheme not in ("http", "https") or not read.raw_host:
        raise ConfigError("expected an absolute URL that begins with http:// or https://", "$.url")
    if read.port is not None and not 0 < read.port < 65536:
        raise ConfigError(f"{read.port} is not a port", "$.url")
    return merged


def _resolve(template: str, context: MergedContext, host_from_data: bool) -> str:
    if not re.match(_FIXED_HOST, template) and not host_from_data:
        raise ConfigError(HOST_FROM_DATA)
    if _DATA in template:
        raise ConfigError("not a URL: it holds a control character", "$.url")
    url = ""
    for number, part in enumerate(_TEMPLATE.split(template)):
        if number % 2 == 0:
            url += part
            continue
        text = render_text(resolve_templates(part, context, "$.url")).replace(_DATA, "\ufffd")
        if not url:  # the beginning of a URL, or all of it
            url = text
        elif _is_in_host(url):
            if not _HOST_PART.fullmatch(text):
                raise ConfigError("data for a host must not hold other parts of a URL", "$.url")
            url += text
        else:
            url += _DATA + quote(text.encode(errors="replace"), safe="") + _DATA
    _check_segments(url)
    return url.replace(_DATA, "")


def _is_in_host(url: str) -> bool:
    return not re.search(r"[/?#]", url.partition("://")[2])


def _check_segments(url: str) -> None:
    """Refuse a segment that would be another place of the path than its own."""
    path = re.split(r"[?#]", url.partition("://")[2], maxsplit=1)[0]
    for segment in path.split("/")[1:]:
        name = unquote(segment.replace(_DATA, ""))
        # Some servers take parameters away first: for them `..;a` is `..`.
        if _DATA in segment and (not name or name.partition(";")[0] in (".", "..")):
            raise ConfigError(
                f"data makes a segment of the path {name or 'empty'}, which is another path",
                "$.url",
            )
