"""From decisions to the outcome: by the newest rules, and by those that old histories have."""

import unicodedata
from datetime import UTC, datetime

import pytest

from ichor_core.contract.approval import (
    APPROVAL_RULES,
    Approval,
    Approvers,
    Decision,
    approval_outcome,
    check_decision,
    check_policy,
)
from ichor_core.errors import InvalidInputError


def by(text):
    """Read `+user:role,role` (approved) or `-user` (rejected)."""
    user, _, roles = text[1:].partition(":")
    vote = "approved" if text[0] == "+" else "rejected"
    return Decision(
        approval_id="a", vote=vote, user=user, roles=tuple(filter(None, roles.split(",")))
    )


def asked(users=(), roles=(), policy="all", decisions=(), rules=APPROVAL_RULES, **more):
    return Approval(
        id="a",
        execution_id="e",
        action_id="b",
        action_name="n",
        deadline=datetime.max.replace(tzinfo=UTC),
        approvers=Approvers(tuple(users), tuple(roles)),
        policy=policy,
        rules=rules,
        decisions=[by(one) for one in decisions],
        **more,
    )


@pytest.mark.parametrize(
    ("users", "roles", "decisions", "outcome"),
    [
        (["ann", "bob"], ["boss"], ["+cy:boss", "+di:boss"], None),
        (["ann", "bob"], ["boss"], ["+ann", "+bob"], None),
        (["ann", "bob"], ["boss"], ["+ann", "+bob", "+cy:boss"], "approved"),
        (["ann", "bob"], ["boss"], ["+ann:boss", "+bob"], "approved"),
        (["ann", "bob"], ["boss"], ["+ann", "-cy:boss"], "rejected"),
        ([], ["boss", "law"], ["+cy:boss"], None),
        ([], ["boss", "law"], ["+cy:Boss", "+di:law"], "approved"),
        ([], [], ["+ann"], "approved"),
        ([], [], [], None),
        (["Ann", "ann "], [], ["+ANN"], "approved"),
    ],
)
def test_all_means_every_user_and_each_role(users, roles, decisions, outcome):
    assert approval_outcome(asked(users, roles, "all", decisions)) == outcome


def test_a_requester_who_may_not_decide_is_not_waited_for():
    asks = {"users": ["ann", "bob"], "requester": "Ann", "decisions": ["+bob"]}
    assert approval_outcome(asked(**asks)) == "approved"
    assert approval_outcome(asked(**asks, allow_requester=True)) is None
    two = {**asks, "policy": "n_of", "needed": 2, "users": ["ann", "bob", "cy"]}
    assert approval_outcome(asked(**{**two, "decisions": ["-bob"]})) == "rejected"


def test_old_approvals_keep_their_rules():
    old = asked(["ann", "bob"], ["boss"], "all", ["+cy:boss", "+di:boss"], rules=1)
    assert approval_outcome(old) == "approved"
    assert Approval.__struct_defaults__[Approval.__struct_fields__[5:].index("rules")] == 1


@pytest.mark.parametrize(
    "user", ["user@example.com", " User@Example.com ", "USER@EXAMPLE.COM", "user@example.com\n"]
)
def test_names_compare_without_case_and_blanks(user):
    approval = asked(["User@Example.com"], requester="boss", decisions=[])
    assert check_decision(approval, by("+" + user)) is None
    again = asked(["User@Example.com", "x"], decisions=["+user@example.com"])
    assert "has decided already" in check_decision(again, by("+" + user))
    own = asked(requester="User@example.com")
    assert "requested this approval" in check_decision(own, by("+" + user))


def test_names_compare_in_one_composition():
    composed, apart = (unicodedata.normalize(form, "Zoë") for form in ("NFC", "NFD"))
    assert composed != apart
    assert check_decision(asked([composed]), by("+" + apart)) is None
    assert "decided already" in check_decision(asked(decisions=["+" + composed]), by("+" + apart))


@pytest.mark.parametrize(
    ("users", "policy", "needed", "requester", "path"),
    [
        (["ann"], "any", 1, "ann", "$.approvers.users"),
        (["ann", "ANN "], "all", 1, "Ann", "$.approvers.users"),
        (["ann", "bob"], "n_of", 2, "ann", "$.needed"),
        (["ann", "Ann"], "n_of", 2, "", "$.needed"),
        ([" "], "any", 1, "", "$.approvers.users[0]"),
    ],
)
def test_what_nobody_could_decide_is_refused(users, policy, needed, requester, path):
    with pytest.raises(InvalidInputError) as caught:
        check_policy(Approvers(tuple(users)), policy, needed, requester)
    assert caught.value.path == path
    if requester:
        check_policy(Approvers((*users, "cy", "di")), policy, needed, requester)
        check_policy(Approvers(tuple(users)), policy, 1, requester, allow_requester=True)
