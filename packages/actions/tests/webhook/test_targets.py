"""Which addresses may be called."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ichor_actions import RefusedError
from ichor_actions.webhook.special_purpose import is_public
from ichor_actions.webhook.targets import TargetPolicy
from ichor_actions.webhook.transport import CheckedTransport
from ichor_core.errors import InvalidInputError

PUBLIC = [
    "93.184.215.14",
    "8.8.8.8",
    "168.63.129.15",
    "192.0.1.1",
    "198.20.0.1",
    "2606:2800:21f:cb07:6820:80da:af6b:8b2c",
    "2001:200::1",
    "2a00:1450:4001::1",
    "::ffff:8.8.8.8",
    "::ffff:0:8.8.8.8",
    "64:ff9b::808:808",
    "2002:808:808::1",
]
NOT_PUBLIC = [
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.8.9.1",
    "169.254.169.254",
    "172.16.0.1",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "233.1.1.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "2002:7f00:1::",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%1",
    "ff0e::1",
    "168.63.129.16",
    "192.0.0.8",
    "192.0.0.9",
    "192.0.0.192",
    "192.0.2.1",
    "192.31.196.1",
    "192.52.193.1",
    "192.88.99.1",
    "192.175.48.1",
    "198.51.100.1",
    "203.0.113.1",
    "239.255.255.255",
    "::8.8.8.8",
    "::10.0.0.1",
    "::ffff:0:7f00:1",
    "64:ff9b:1::808:808",
    "64:ff9b:1:808:8:800::",
    "100::1",
    "2001::1",
    "2001:1::1",
    "2001:2::1",
    "2001:20::1",
    "2001:db8::1",
    "2002:a9fe:a9fe::",
    "2620:4f:8000::1",
    "3fff::1",
    "4000::1",
    "5f00::1",
    "fec0::1",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_may_be_called(address):
    assert TargetPolicy().refusal("host", ip_address(address)) is None


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_others_may_not(address):
    refusal = TargetPolicy().refusal("host", ip_address(address))
    assert refusal == (
        "host is not a public address and not an allowed target "
        "(WEBHOOK_ALLOWED_TARGETS of the worker)"
    )


@pytest.mark.parametrize("entry", ["Intra.Example.", "10.0.0.0/8", "10.0.0.1", " 10.0.0.7/8 "])
def test_the_operator_may_allow_hosts_and_networks(entry):
    policy = TargetPolicy(allowed=[entry])
    assert policy.refusal("intra.example", ip_address("10.0.0.1")) is None
    assert policy.refusal("other.example", ip_address("192.168.0.1")) is not None
    if "/" in entry:
        assert policy.refusal("intra.example", ip_address("::ffff:10.0.0.1")) is None


def test_a_host_is_allowed_by_its_whole_name():
    policy = TargetPolicy(allowed=["example"])
    assert policy.refusal("intra.example", ip_address("10.0.0.1")) is not None
    assert policy.refusal("example.evil", ip_address("10.0.0.1")) is not None
    assert policy.refusal("EXAMPLE.", ip_address("10.0.0.1")) is None


@pytest.mark.parametrize("entry", ["evil.example", "93.184.215.0/24"])
def test_what_is_forbidden_stays_so(entry):
    policy = TargetPolicy(allowed=["evil.example", "0.0.0.0/0"], forbidden=[entry])
    refusal = policy.refusal("evil.example", ip_address("93.184.215.14"))
    assert refusal == (
        "evil.example is a forbidden target (WEBHOOK_FORBIDDEN_TARGETS of the worker)"
    )


def test_a_forbidden_network_is_not_reached_through_version_6():
    policy = TargetPolicy(allowed=["::/0"], forbidden=["169.254.0.0/16"])
    for address in ("::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::"):
        assert policy.refusal("host", ip_address(address)) is not None


@pytest.mark.parametrize("entry", ["", " ", "10.0.0.0/33", "http://a", "a:80", "*.a", "ä.example"])
def test_an_entry_that_means_nothing_is_an_error(entry):
    with pytest.raises(InvalidInputError, match="neither a host nor a network"):
        TargetPolicy(allowed=[entry])


@pytest.mark.parametrize(
    "address",
    [
        "::10.1.2.3",
        "::ffff:10.1.2.3",
        "::ffff:0:10.1.2.3",
        "64:ff9b::a01:203",
        "64:ff9b:1:a01:2:300::",
        "64:ff9b:1::a01:203",
        "2002:a01:203::1",
        "2001:0:a01:203::",
        "2001:0:808:808::f5fe:fdfc",
    ],
)
def test_a_carried_address_is_forbidden_too(address):
    policy = TargetPolicy(allowed=["::/0", "host"], forbidden=["10.1.2.0/24"])
    assert "forbidden target" in str(policy.refusal("host", ip_address(address)))


def test_loopback_of_version_6_may_be_allowed():
    assert TargetPolicy(allowed=["::1"]).refusal("host", ip_address("::1")) is None
    assert TargetPolicy(allowed=["0.0.0.0/8"]).refusal("host", ip_address("::1")) is not None


@given(st.ip_addresses(v=4))
def test_an_address_of_version_6_is_as_public_as_the_one_it_leads_to(address: IPv4Address):
    for text in (f"::ffff:{address}", f"::ffff:0:{address}", f"64:ff9b::{address}"):
        assert is_public(IPv6Address(text)) == is_public(address)
    assert is_public(IPv6Address(0x2002 << 112 | int(address) << 80)) == is_public(address)
    assert not is_public(IPv6Address(f"::{address}"))


class Recording(httpx2.AsyncBaseTransport):
    """Keeps the hosts it is to connect to, and connects to nothing."""

    def __init__(self) -> None:
        self.hosts: list[str] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.hosts.append(request.url.host)
        return httpx2.Response(200)


async def called(*addresses: str) -> list[str]:
    """The hosts that are connected to where a name stands for these addresses."""

    async def resolver(host: str, port: int) -> Sequence[str]:
        assert (host, port) == ("hook.example", 443)
        return addresses

    inner = Recording()
    transport = CheckedTransport(TargetPolicy(), inner, resolver)
    try:
        await transport.handle_async_request(httpx2.Request("GET", "https://hook.example/"))
    except RefusedError:
        assert inner.hosts == []
    return inner.hosts


@pytest.mark.parametrize("address", NOT_PUBLIC)
async def test_nothing_is_connected_to_that_is_not_public(address):
    assert await called(address) == []
    assert await called("8.8.8.8", address) == []


@pytest.mark.parametrize("address", PUBLIC)
async def test_the_address_that_was_checked_is_connected_to(address):
    (host,) = await called(address)
    assert ip_address(host) == ip_address(address)
