"""An HTTP transport that connects to permitted targets only."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import ip_address

import httpx2

from ichor_actions.errors import ConfigError, RefusedError
from ichor_actions.webhook.targets import TargetPolicy, forbidden

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""Returns the addresses of a host name."""


async def resolve_host(host: str, port: int) -> Sequence[str]:
    """Ask the system's resolver.

    Raises:
        OSError: the name does not resolve.
    """
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class CheckedTransport(httpx2.AsyncBaseTransport):
    """Resolves the host, checks every address, and connects to one of those that were checked.

    So a name that resolves to another address a moment later gains nothing. TLS still asks for a
    certificate of the host's name.

    Args:
        policy: decides which addresses may be connected to.
        inner: the transport that connects.
        resolver: how names are resolved.
        by_name: whether `inner` is a proxy, which gets the name and resolves it itself. What is
            known of the name here is checked all the same; the rest is up to the proxy.
    """

    def __init__(
        self,
        policy: TargetPolicy,
        inner: httpx2.AsyncBaseTransport,
        resolver: Resolver = resolve_host,
        *,
        by_name: bool = False,
    ) -> None:
        self._policy = policy
        self._inner = inner
        self._resolver = resolver
        self._by_name = by_name

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send the request.

        Raises:
            RefusedError: an address of the host may not be connected to.
            httpx2.TransportError: no address could be connected to, or the connection broke.
        """
        host = request.url.raw_host.decode("ascii")
        if self._by_name:
            await self._addresses(host, request)
            return await self._inner.handle_async_request(request)
        *others, last = await self._addresses(host, request)
        for address in others:
            try:
                return await self._send(request, host, address)
            except (httpx2.ConnectError, httpx2.ConnectTimeout):
                continue
        return await self._send(request, host, last)

    async def _addresses(self, host: str, request: httpx2.Request) -> Sequence[str]:
        url = request.url
        if self._policy.forbids(host):
            raise RefusedError(forbidden(host))
        try:
            addresses = await self._resolver(
                host, url.port or (443 if url.scheme == "https" else 80)
            )
        except UnicodeError as error:
            raise ConfigError(f"{host} is not a host name", "$.url") from error
        except OSError as error:
            if self._by_name:
                return ()
            raise httpx2.ConnectError(f"{host} cannot be resolved", request=request) from error
        for address in addresses:
            refusal = self._policy.refusal(host, ip_address(address))
            if refusal is not None:
                raise RefusedError(refusal)
        return addresses

    async def _send(self, request: httpx2.Request, host: str, address: str) -> httpx2.Response:
        checked = httpx2.Request(
            request.method,
            request.url.copy_with(host=address),
            headers=request.headers,
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": host},
        )
        return await self._inner.handle_async_request(checked)

    async def aclose(self) -> None:
        """Close the inner transport."""
        await self._inner.aclose()
