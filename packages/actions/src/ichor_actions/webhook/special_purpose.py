"""Addresses that are not public: a table of our own, since Python's differs by its patch level.

From the IANA IPv4 and IPv6 Special-Purpose Address Registries, the multicast spaces, and addresses
in public space at which clouds answer their own machines.
"""

from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_IPV4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",  # this network
            "10.0.0.0/8",  # private
            "100.64.0.0/10",  # shared by carriers
            "127.0.0.0/8",  # loopback
            "168.63.129.16/32",  # Azure, to its own machines
            "169.254.0.0/16",  # link-local; metadata services
            "172.16.0.0/12",  # private
            "192.0.0.0/24",  # protocol assignments; Oracle's metadata service
            "192.0.2.0/24",  # documentation
            "192.31.196.0/24",  # AS112
            "192.52.193.0/24",  # AMT
            "192.88.99.0/24",  # relays of 6to4
            "192.168.0.0/16",  # private
            "192.175.48.0/24",  # AS112
            "198.18.0.0/15",  # benchmarks
            "198.51.100.0/24",  # documentation
            "203.0.113.0/24",  # documentation
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved; broadcast
        ),
    )
)
_UNICAST = IPv6Network("2000::/3")
"""All that is given out; loopback, local, site-local and multicast addresses lie outside."""
_IPV6 = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # protocol assignments: Teredo, benchmarks, ORCHID
            "2001:db8::/32",  # documentation
            "2620:4f:8000::/48",  # AS112
            "3fff::/20",  # documentation
        ),
    )
)


def _last(value: int) -> list[int]:
    return [value]


def _sixtofour(value: int) -> list[int]:
    return [value >> 80]


def _teredo(value: int) -> list[int]:
    return [value >> 64, ~value]  # server and client


def _translated_locally(value: int) -> list[int]:
    # RFC 6052 puts the address around bits 64 to 71, or last if the prefix is longer.
    return [(value >> 64 & 0xFFFF) << 16 | value >> 40 & 0xFFFF, value]


_LEADS_ON = {
    IPv6Network("::ffff:0:0/96"): _last,  # mapped
    IPv6Network("::ffff:0:0:0/96"): _last,  # translated
    IPv6Network("64:ff9b::/96"): _last,  # NAT64
    IPv6Network("2002::/16"): _sixtofour,
}
"""Networks that are as public as the address of version 4 in their addresses."""
_NEVER_PUBLIC = {
    IPv6Network("::/96"): _last,  # compatible
    IPv6Network("64:ff9b:1::/48"): _translated_locally,
    IPv6Network("2001::/32"): _teredo,
}
_CARRIERS: dict[IPv6Network, Callable[[int], list[int]]] = {**_LEADS_ON, **_NEVER_PUBLIC}
_OWN_MEANING = frozenset((IPv6Address("::"), IPv6Address("::1")))


def carried(address: Address) -> list[Address]:
    """Return the addresses of version 4 that one of version 6 carries, to which it may lead."""
    if isinstance(address, IPv4Address) or address in _OWN_MEANING:
        return []
    return [
        IPv4Address(value & 0xFFFFFFFF)
        for network, read in _CARRIERS.items()
        if address in network
        for value in read(int(address))
    ]


def is_public(address: Address) -> bool:
    """Say whether the address is one of the public Internet, and of no special purpose."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _IPV4)
    if any(address in network for network in _LEADS_ON):
        return all(map(is_public, carried(address)))
    return address in _UNICAST and not any(address in network for network in _IPV6)
