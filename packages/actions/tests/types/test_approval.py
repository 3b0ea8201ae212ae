"""What people are asked, as configs and handlers say it."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec import Struct

from ichor_actions import (
    ActionAttempt,
    ActionDefinitionError,
    ApprovalDraft,
    ConfigError,
    RefusedError,
    Registry,
    Resources,
    ResultError,
    human_action,
)
from ichor_actions.builtin import builtin_actions
from ichor_actions.execute import ask_people
from ichor_actions.types import ApprovalResult
from ichor_core.contract import ActionActivityInput, Approval, Approvers, Decision, approval_result
from ichor_core.errors import TemplateError
from ichor_core.expressions import MergedContext

ACTION = "00000000-0000-4000-8000-000000000003"
BUILT_IN = Registry(builtin_actions(Resources()))
HUMAN = ["approval_request", "human_verification", "manager_approval", "manual_review"]


async def ask(
    action_type: str = "approval_request",
    config: dict[str, Any] | None = None,
    trigger: dict[str, Any] | None = None,
    *,
    registry: Registry = BUILT_IN,
) -> ApprovalDraft:
    given = {"title": "Buy?"} if config is None else config
    call = ActionActivityInput(
        action_id=ACTION,
        action_name="ask",
        action_type=action_type,
        config=given,
        context=MergedContext(trigger or {}),
    )
    return await ask_people(registry, call)


async def test_everything_can_be_said():
    form = {"type": "object", "required": ["limit"], "properties": {"limit": {"maximum": 1.5}}}
    config = {
        "title": "Order {{no}}",
        "message": "{{customer.name}} wants it",
        "form": form,
        "approvers": {"users": "{{managers}}", "roles": ["cfo"]},
        "policy": "n_of",
        "needed": 2,
        "deadline": "P2DT12H",
        "reminders": ["P2D", 3600],
        "remind_after": "P1D",
        "requester": "{{created_by}}",
        "allow_requester": True,
    }
    trigger = {"no": 7, "customer": {"name": "Ada"}, "managers": ["bob"], "created_by": "carl"}
    assert await ask("approval_request", config, trigger) == ApprovalDraft(
        title="Order 7",
        message="Ada wants it",
        form=form,
        approvers=Approvers(("bob",), ("cfo",)),
        policy="n_of",
        needed=2,
        deadline=timedelta(days=2, hours=12),
        reminders=(timedelta(days=2), timedelta(hours=1), timedelta(days=1)),
        requester="carl",
        allow_requester=True,
    )


async def test_a_request_needs_a_title_only():
    assert await ask() == ApprovalDraft(title="Buy?")
    assert ApprovalDraft(title="Buy?").deadline == timedelta(days=7)
    with pytest.raises(ConfigError, match="title"):
        await ask(config={})


@pytest.mark.parametrize(
    ("action_type", "role", "fields", "days"),
    [
        ("manager_approval", "manager", set(), [2]),
        ("manual_review", "reviewer", {"findings"}, []),
        ("human_verification", "verifier", {"evidence"}, [1]),
    ],
)
async def test_each_type_has_its_defaults(action_type, role, fields, days):
    draft = await ask(action_type, {})
    assert draft.title
    assert draft.approvers == Approvers(roles=(role,))
    assert set(draft.form.get("properties", {})) == fields
    assert draft.reminders == tuple(timedelta(days=n) for n in days)
    assert draft.deadline == timedelta(days=7)
    other = await ask(action_type, {"title": "Else", "approvers": {"users": ["ada"]}, "form": {}})
    assert (other.title, other.approvers, other.form) == ("Else", Approvers(users=("ada",)), {})


@pytest.mark.parametrize(
    ("config", "path", "message"),
    [
        ({"form": {"type": "obj"}}, "$.form", 'expected "type": "object"'),
        ({"form": {"properties": {"a": {"type": "txt"}}}}, "$.form.properties.a.type", "Schema"),
        ({"form": {"properties": {"a": {"pattern": "("}}}}, "$.form.properties.a.pattern", "("),
        ({"form": {"allOf": [{"$ref": "http://x/y"}]}}, "$.form.allOf[0].$ref", "refer"),
        ({"form": {"description": "x" * 60_000}}, "$.form", "bytes"),
        ({"policy": "n_of", "needed": 3, "approvers": {"users": ["a", "b"]}}, "$.needed", "3"),
        ({"policy": "most"}, "$.policy", "most"),
        ({"needed": 0}, "$.needed", "at least 1"),
        ({"deadline": "P1M"}, "$.deadline", "P1M"),
        ({"deadline": 0}, "$.deadline", "above zero"),
        ({"remind_after": "soon"}, "$.remind_after", "soon"),
        ({"reminders": ["P1D", -1]}, "$.reminders[1]", "above zero"),
        ({"approvers": {"users": [""]}}, "$.approvers.users[0]", "at least 1"),
        ({"approvers": {"groups": []}}, "$.approvers", "groups"),
        ({"tilte": ""}, "$", "tilte"),
        ({"title": ""}, "$.title", "at least 1"),
    ],
)
async def test_a_wrong_config_fails_with_its_place(config, path, message):
    with pytest.raises(ConfigError) as caught:
        await ask(config={"title": "Buy?", **config})
    assert caught.value.path == path
    assert message in caught.value.message


async def test_a_missing_reference_fails():
    with pytest.raises(TemplateError, match="nobody"):
        await ask(config={"title": "{{nobody}}"})


@pytest.mark.parametrize("name", HUMAN)
def test_what_is_published(name):
    spec = BUILT_IN.get(name).spec
    published = spec.action_type
    assert published.kind == "human"
    assert published.outcomes == ("true_branch", "false_branch")
    assert set(published.result_schema["properties"]) == set(ApprovalResult.__struct_fields__)
    assert published.description


@pytest.mark.parametrize("outcome", ["approved", "rejected", "timed_out"])
def test_the_published_result_is_the_one_that_comes(outcome):
    approval = Approval(
        id="i",
        execution_id="e",
        action_id=ACTION,
        action_name="ask",
        deadline=None,
        decisions=[Decision(approval_id="i", vote="approved", user="ada")],
    )
    result = approval_result(approval, outcome)
    assert set(result) == set(ApprovalResult.__struct_fields__)
    assert result["branch_taken"] in BUILT_IN.get("approval_request").spec.outcomes


class BudgetConfig(Struct):
    owner: str
    title: str = "Spend it?"
    days: float = 1


@human_action(type="budget_approval", title="Budget approval")
async def budget_approval(config: BudgetConfig, attempt: ActionAttempt) -> ApprovalDraft:
    """Asks the owner of a budget."""
    return ApprovalDraft(
        title=config.title,
        approvers=Approvers(users=(config.owner,)),
        deadline=timedelta(days=config.days),
    )


OWN = Registry([budget_approval])


async def test_a_further_type_takes_a_few_lines():
    draft = await ask("budget_approval", {"owner": "{{who}}"}, {"who": "ada"}, registry=OWN)
    assert draft.approvers == Approvers(users=("ada",))
    assert budget_approval.spec.description == "Asks the owner of a budget."
    assert budget_approval.spec.kind == "human"


@pytest.mark.parametrize("config", [{"title": ""}, {"days": 0}, {"days": 366}])
async def test_a_handler_that_asks_nonsense_fails(config):
    with pytest.raises(ResultError, match="budget_approval"):
        await ask("budget_approval", {"owner": "ada", **config}, registry=OWN)


async def test_only_human_actions_ask():
    with pytest.raises(RefusedError, match="set_values"):
        await ask("set_values", {"values": {}})


def test_a_human_action_returns_a_draft():
    async def other(config: BudgetConfig, attempt: ActionAttempt) -> dict[str, Any]:
        return {}

    with pytest.raises(ActionDefinitionError, match="ApprovalDraft"):
        human_action(type="it", title="It")(other)
