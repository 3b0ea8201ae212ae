"""Calls through a proxy, which is a server on loopback that records them."""

from collections.abc import Sequence
from pathlib import Path

import httpx2
import pytest

from ichor_actions import RefusedError, Registry, Resources, TransientError, WebhookSettings
from ichor_actions.webhook.action import CallWebhook
from ichor_actions.webhook.proxies import proxy_for


def proxied(port: int, *addresses: str, **settings) -> Registry:
    """A registry that calls through the proxy; no address: names do not resolve here."""

    async def resolver(host: str, port: int) -> Sequence[str]:
        if not addresses:
            raise OSError("no such host")
        return addresses

    proxy = f"http://user:pw@127.0.0.1:{port}"
    http = WebhookSettings(http_proxy=proxy, https_proxy=proxy, **settings)
    return Registry([CallWebhook(Resources(http=http), resolver=resolver)])


@pytest.mark.parametrize("addresses", [(), ("8.8.8.8",)])
async def test_the_proxy_gets_the_name(run_in, http_target, addresses):
    registry = proxied(http_target.port, *addresses)
    result = await run_in(registry, "call_webhook", {"url": "http://hook.example/a?b=1"})
    assert result["body"] == {"ok": True}
    (got,) = http_target.received
    assert (got.method, got.target) == ("POST", "http://hook.example/a?b=1")
    assert got.headers["host"] == "hook.example"
    assert got.headers["proxy-authorization"].startswith("Basic ")


async def test_a_tunnel_is_asked_for_by_name(run_in, http_target):
    http_target.reply(403)
    with pytest.raises(TransientError, match=r"https://hook\.example: ProxyError: 403"):
        await run_in(proxied(http_target.port), "call_webhook", {"url": "https://hook.example/"})
    (got,) = http_target.received
    assert (got.method, got.target) == ("CONNECT", "hook.example:443")


async def test_what_is_known_here_is_checked_here(run_in, http_target):
    config = {"url": "http://hook.example/"}
    with pytest.raises(RefusedError, match="not a public address"):
        await run_in(proxied(http_target.port, "10.0.0.1"), "call_webhook", config)
    registry = proxied(http_target.port, forbidden_targets=("hook.example",))
    with pytest.raises(RefusedError, match="forbidden target"):
        await run_in(registry, "call_webhook", config)
    assert http_target.received == []


@pytest.mark.parametrize(
    ("url", "without"),
    [
        ("https://crm.internal/", True),
        ("https://a.crm.internal./", True),
        ("https://internal/", True),
        ("https://notinternal/", False),
        ("https://CRM.Example/", True),
        ("https://10.1.2.3:8443/", True),
        ("https://[fd00::1]/", True),
        ("https://11.1.2.3/", False),
        ("https://example/", False),
        ("http://crm.internal/", True),
    ],
)
def test_some_are_called_without(url, without):
    listed = (".internal", " crm.example", "10.0.0.0/8", "fd00::/8", "")
    settings = WebhookSettings(https_proxy="http://proxy", no_proxy=listed)
    assert (proxy_for(httpx2.URL(url), settings) is None) == without
    all_of_them = WebhookSettings(https_proxy="http://proxy", no_proxy=("*",))
    assert proxy_for(httpx2.URL(url), all_of_them) is None


async def test_an_authority_of_ones_own_is_trusted(run_in, https_target, tls_files):
    async def resolver(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    pem = Path(tls_files[0]).read_text(encoding="ascii")
    http = WebhookSettings(allowed_targets=("127.0.0.1",), ca_certificates=pem)
    registry = Registry([CallWebhook(Resources(http=http), resolver=resolver)])
    config = {"url": f"https://hook.example:{https_target.port}/"}
    assert (await run_in(registry, "call_webhook", config))["status"] == 200
