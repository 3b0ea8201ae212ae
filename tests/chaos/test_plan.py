"""The plan follows from the seed alone, and leaves nothing out."""

from collections import Counter

import pytest

from tests.chaos.kinds import KIND, KINDS, LINKS, PROCESSES, SERVERS, TARGETS
from tests.chaos.plan import make_plan

PLANNED = (13, "black-hole worker->rabbitmq for 1.4 s")
PAIRS = {
    (kind.name, target) for kind in KINDS for scope in kind.scopes for target in TARGETS[scope]
}


def test_the_same_seed_gives_the_same_plan():
    assert make_plan(7, 30, 300) == make_plan(7, 30, 300)
    assert make_plan(7, 30, 300) != make_plan(8, 30, 300)


def test_a_plan_is_the_same_on_every_machine():
    """Written out once: a change of the plan makes seeds in reports worthless, so it is meant."""
    first, *_ = make_plan(1, 30, 300).faults
    assert (first.at, str(first)) == PLANNED


def test_every_kind_meets_every_target_in_a_long_run():
    plan = make_plan(3, 500, 5_000)

    assert {(fault.kind, fault.target) for fault in plan.faults} == PAIRS
    scopes = Counter(fault.target in LINKS for fault in plan.faults)
    assert scopes == {True: 250, False: 250}


@pytest.mark.parametrize("seed", range(20))
def test_faults_come_in_order_while_there_is_load_and_within_their_bounds(seed: int):
    plan = make_plan(seed, 30, 300)

    moments = [fault.at for fault in plan.faults]
    assert [fault.number for fault in plan.faults] == list(range(1, 31))
    assert moments == sorted(moments)
    assert all(0 <= moment < 300 for moment in moments)
    for fault in plan.faults:
        least, most = KIND[fault.kind].seconds
        assert least <= fault.seconds <= most
        assert (fault.kind, fault.target) in PAIRS
        assert (fault.latency > 0) == (fault.kind == "latency")
        assert (fault.bytes_per_second > 0) == (fault.kind == "bandwidth")


def test_no_faults_are_a_plan_too():
    assert make_plan(1, 0, 10).faults == ()


def test_links_are_named_by_both_ends():
    for link in LINKS:
        process, _, server = link.partition("->")
        assert process in PROCESSES
        assert server in SERVERS
