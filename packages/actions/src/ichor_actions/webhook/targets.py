"""Policy of webhook targets: public addresses, and those that the operator allows.

A graph is written by a user, and its URLs may come from data. Without a policy it could reach
whatever the worker can reach: databases, metadata services, its own loopback.
"""

from collections.abc import Iterable
from ipaddress import ip_network

from msgspec import Struct

from ichor_actions.webhook.special_purpose import Address, Network, carried, is_public
from ichor_core.errors import InvalidInputError


class _Targets(Struct, frozen=True):
    hosts: frozenset[str]
    networks: tuple[Network, ...]

    def include(self, host: str, addresses: Iterable[Address]) -> bool:
        return host in self.hosts or any(
            address in network for address in addresses for network in self.networks
        )


class TargetPolicy:
    """Decides whether an address of a host may be connected to.

    Args:
        allowed: hosts and networks that may be called although they are not public.
        forbidden: hosts and networks that may never be called; wins over `allowed`.

    Raises:
        InvalidInputError: an entry is neither.
    """

    def __init__(self, allowed: Iterable[str] = (), forbidden: Iterable[str] = ()) -> None:
        self._allowed = _read(allowed)
        self._forbidden = _read(forbidden)

    def forbids(self, host: str) -> bool:
        """Say whether the name of a host is forbidden, whatever it stands for."""
        return self._forbidden.include(host.lower().rstrip("."), ())

    def refusal(self, host: str, address: Address) -> str | None:
        """Return why the address may not be connected to, or None.

        Args:
            host: as in the URL, in its ASCII form.
            address: one of those that the host's name stands for.
        """
        name = host.lower().rstrip(".")
        # An address of version 6 may carry one of version 4, to which it leads in the end.
        inner = carried(address)
        if self._forbidden.include(name, (address, *inner)):
            return forbidden(host)
        if all(self._allowed.include(name, (one,)) for one in inner or [address]):
            return None
        if is_public(address):
            return None
        return (
            f"{host} is not a public address and not an allowed target "
            "(WEBHOOK_ALLOWED_TARGETS of the worker)"
        )


def forbidden(host: str) -> str:
    """Return the message for a forbidden target."""
    return f"{host} is a forbidden target (WEBHOOK_FORBIDDEN_TARGETS of the worker)"


def _read(entries: Iterable[str]) -> _Targets:
    hosts: set[str] = set()
    networks: list[Network] = []
    for entry in entries:
        text = entry.strip().lower().rstrip(".")
        try:
            networks.append(ip_network(text, strict=False))
        except ValueError as error:
            if not text or not text.isascii() or set(text) & set("/:@ *"):
                raise InvalidInputError(f"{entry!r} is neither a host nor a network") from error
            hosts.add(text)
    return _Targets(frozenset(hosts), tuple(networks))
