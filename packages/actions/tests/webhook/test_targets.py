"""Which addresses may be called."""

from ipaddress import ip_address

import pytest

from ichor_actions.webhook.targets import TargetPolicy
from ichor_core.errors import InvalidInputError

PUBLIC = ["93.184.215.14", "8.8.8.8", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"]
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
