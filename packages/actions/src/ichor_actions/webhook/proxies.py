"""Which calls go through a proxy, by what other tools call `HTTPS_PROXY` and `NO_PROXY`."""

from ipaddress import ip_address, ip_network

import httpx2

from ichor_actions.resources import WebhookSettings


def proxy_for(url: httpx2.URL, settings: WebhookSettings) -> str | None:
    """Return the URL of the proxy for a call; None where it goes straight to its host."""
    proxy = settings.https_proxy if url.scheme == "https" else settings.http_proxy
    host = url.raw_host.decode("ascii").lower().rstrip(".")
    if not proxy or any(_covers(entry.strip().lower(), host) for entry in settings.no_proxy):
        return None
    return proxy


def _covers(entry: str, host: str) -> bool:
    """Say whether an entry of `NO_PROXY` means a host: a domain with all below it, or a network."""
    if entry == "*":
        return True
    try:
        return ip_address(host) in ip_network(entry, strict=False)
    except ValueError:
        domain = entry.removeprefix("*").strip(".")
        return bool(domain) and (host == domain or host.endswith(f".{domain}"))
