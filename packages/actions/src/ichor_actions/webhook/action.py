"""The action that calls another system over HTTP."""

import asyncio
import ssl
from contextlib import aclosing
from typing import Annotated, Any, Literal

import httpx2
from msgspec import Meta, Struct, field

from ichor_actions.attempt import ActionAttempt
from ichor_actions.definition.spec import ActionSpec
from ichor_actions.errors import ConfigError, TransientError
from ichor_actions.resources import Resources, WebhookSettings, needed, tls_context
from ichor_actions.webhook.decoding import BodyKind
from ichor_actions.webhook.proxies import proxy_for
from ichor_actions.webhook.response import WebhookResult, error_of, read_body, result_of
from ichor_actions.webhook.span import call_span, note_status
from ichor_actions.webhook.targets import TargetPolicy
from ichor_actions.webhook.transport import CheckedTransport, Resolver, resolve_host
from ichor_actions.webhook.url import HOST_IS_FIXED, read_url
from ichor_core import exact_json
from ichor_core.expressions import render_text
from ichor_core.formats import HTTP_URL

Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]

CONNECT_SECONDS = 10.0
SUCCESS = range(200, 300)
_TOKEN = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")
_RESERVED = frozenset(
    {"accept-encoding", "connection", "content-length", "host", "te", "transfer-encoding"}
)


class WebhookConfig(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The config of `call_webhook`."""

    url: Annotated[str, Meta(min_length=1, max_length=8000, extra_json_schema={"format": HTTP_URL})]
    """Address to call. Text that a template inserts into path or query is percent-encoded:
    `/customers/{{id}}` is one segment, whatever the id. Scheme, host and port are written out,
    unless `allow_host_from_data` is true."""
    allow_host_from_data: bool = False
    """Whether templates may give the host, or the beginning of the URL, which they insert as it
    stands; written as `true`, not as a template."""
    method: Method = "POST"
    headers: dict[str, Any] = field(default_factory=dict[str, Any])
    query: dict[str, Any] = field(default_factory=dict[str, Any])
    """Parameters added to the query of the URL; a list repeats its parameter."""
    body: Any = None
    """Text is sent unchanged, null sends no body, anything else is sent as JSON."""
    timeout: Annotated[float, Meta(gt=0, le=300)] | None = None
    """Seconds for the whole call. Default: `WEBHOOK_TIMEOUT_SECONDS` of the worker."""
    expected_statuses: list[Annotated[int, Meta(ge=200, le=599)]] = field(default_factory=list[int])
    """Statuses that count as success. Default: 200 to 299."""
    response_body: BodyKind = "auto"
    """Reading of the response: `auto`, as JSON if its content type says so, else as text; `json`,
    as JSON whatever its content type, as text only if it is none; `text`, never as JSON."""


class CallWebhook:
    """Calls a URL; the system behind it can recognise a repeated call by its `Idempotency-Key`.

    Args:
        resources: `http` has the permitted targets.
        tls: trusted authorities; by default those of the system.
        resolver: resolves host names.
    """

    spec = ActionSpec(
        type="call_webhook",
        title="Call webhook",
        description="Sends an HTTP request and returns the response.",
        kind="sync",
        config=WebhookConfig,
        result=WebhookResult,
        constraints=(HOST_IS_FIXED,),
    )

    def __init__(
        self,
        resources: Resources,
        *,
        tls: ssl.SSLContext | None = None,
        resolver: Resolver = resolve_host,
    ) -> None:
        self._settings = resources.http
        self._tls = tls
        self._resolver = resolver
        if resources.http is not None:
            self._policy = TargetPolicy(
                resources.http.allowed_targets, resources.http.forbidden_targets
            )

    async def execute(self, config: WebhookConfig, attempt: ActionAttempt) -> WebhookResult:
        """Send the request once; redirects are not followed.

        Raises:
            ConfigError: an invalid URL or header.
            RefusedError: a target that is not allowed, another unexpected status.
            TransientError: no connection, no answer in time, or status 408, 425, 429 or 5xx.
        """
        settings = needed(self._settings, "http")
        request = _request(config, attempt)
        seconds = config.timeout or settings.timeout
        # What the URL says beyond its host may be secret.
        call = f"{config.method} {request.url.scheme}://{request.url.netloc.decode('ascii')}"
        try:
            with call_span(request) as span:
                async with (
                    asyncio.timeout(seconds),
                    self._client(request.url, settings, seconds) as client,
                    aclosing(await client.send(request, stream=True)) as response,
                ):
                    note_status(span, response.status_code)
                    if response.status_code not in (config.expected_statuses or SUCCESS):
                        raise await error_of(response, call)
                    body = await read_body(response, settings.max_response_bytes)
        except TimeoutError as error:
            raise TransientError(f"{call}: no answer within {seconds:g} seconds") from error
        except httpx2.LocalProtocolError as error:
            raise ConfigError(f"the request cannot be sent: {error}") from error
        except httpx2.TransportError as error:
            raise TransientError(f"{call}: {type(error).__name__}: {error}") from error
        return result_of(response, body, config.response_body)

    def _client(
        self, url: httpx2.URL, settings: WebhookSettings, seconds: float
    ) -> httpx2.AsyncClient:
        # A client for each call: connections are kept by address, and one that was made for
        # another host's name must not be used, for its certificate was checked for that name.
        if self._tls is None:
            self._tls = tls_context(settings.ca_certificates)
        proxy = proxy_for(url, settings)
        inner = httpx2.AsyncHTTPTransport(verify=self._tls, trust_env=False, proxy=self._via(proxy))
        transport = CheckedTransport(self._policy, inner, self._resolver, by_name=proxy is not None)
        timeout = httpx2.Timeout(None, connect=min(seconds, CONNECT_SECONDS))
        return httpx2.AsyncClient(transport=transport, timeout=timeout, trust_env=False)

    def _via(self, proxy: str | None) -> httpx2.Proxy | None:
        if proxy is None:
            return None
        return httpx2.Proxy(proxy, ssl_context=self._tls if proxy.startswith("https:") else None)


def _request(config: WebhookConfig, attempt: ActionAttempt) -> httpx2.Request:
    headers, body = _headers(config, attempt), config.body
    if body is None:
        content = None
    elif isinstance(body, str):
        content = body.encode()
    else:
        content = exact_json.encode(body)
    url = read_url(config.url, config.query, attempt.written, attempt.context)
    return httpx2.Request(config.method, url, headers=headers, content=content)


def _headers(config: WebhookConfig, attempt: ActionAttempt) -> httpx2.Headers:
    headers = httpx2.Headers({"Idempotency-Key": attempt.idempotency_key, "User-Agent": "ichor"})
    if config.body is not None:
        text = isinstance(config.body, str)
        headers["Content-Type"] = "text/plain; charset=utf-8" if text else "application/json"
    for name, value in config.headers.items():
        path = f"$.headers.{name}"
        if not name or not set(name.lower()) <= _TOKEN or name.lower() in _RESERVED:
            raise ConfigError("this header cannot be set", path)
        text = render_text(value).strip(" \t")
        if not (text.isascii() and text.replace("\t", " ").isprintable()):
            raise ConfigError("expected printable ASCII characters", path)
        headers[name] = text
    # A compressed body would have to be unpacked before its size is known.
    headers["Accept-Encoding"] = "identity"
    return headers
