import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from ichor_core.action_type import ActionType
from ichor_core.errors import ConflictError, NotFoundError
from ichor_core.limits import Limits

MAIL = ActionType(
    type="send_email",
    title="Send e-mail",
    kind="sync",
    limits=Limits(start_to_close=1.5),
    outcomes=("sent",),
    config_schema={"type": "object", "properties": {"to": {"maximum": 2**60}}},
)
WAIT = ActionType(type="delay", title="Wait", kind="local")


async def test_descriptions_are_kept_and_replaced_by_their_type(stores) -> None:
    assert await stores.action_types.list_action_types() == []
    await stores.action_types.publish_action_types([MAIL, WAIT])
    assert await stores.action_types.list_action_types() == [WAIT, MAIL]
    renamed = ActionType(type="delay", title="Wait a while", kind="local")
    await stores.action_types.publish_action_types([WAIT, renamed])
    assert await stores.action_types.get_action_types() == {"delay": renamed, "send_email": MAIL}
    await stores.action_types.publish_action_types([])
    assert len(await stores.action_types.list_action_types()) == 2


async def test_workers_publish_at_the_same_time(stores) -> None:
    types = [ActionType(type=f"type {n}", title="", kind="local") for n in range(30)]
    await asyncio.gather(
        *(stores.action_types.publish_action_types(order) for order in (types, types[::-1]) * 4)
    )
    assert len(await stores.action_types.list_action_types()) == 30


async def test_each_shows_when_it_was_published_last(stores) -> None:
    await stores.action_types.publish_action_types([MAIL, WAIT])
    wait, mail = await stores.action_types.list_published()
    assert (wait.type, mail.type) == ("delay", "send_email")
    for name in ActionType.__struct_fields__:
        assert getattr(mail, name) == getattr(MAIL, name), name
    assert datetime.now(UTC) - mail.updated_at < timedelta(minutes=1)
    await stores.action_types.publish_action_types([MAIL])
    wait_again, mail_again = await stores.action_types.list_published()
    assert wait_again == wait
    assert mail_again.updated_at > mail.updated_at


async def test_a_type_that_no_active_rule_uses_is_forgotten(stores, add_rule) -> None:
    await stores.action_types.publish_action_types(
        [ActionType(type="set_values", title="", kind="local"), WAIT]
    )
    with pytest.raises(NotFoundError, match="'nope'"):
        await stores.action_types.delete_action_type("nope")
    rules = [await add_rule(name) for name in ("zebra", "apple")]
    with pytest.raises(ConflictError, match=r"'set_values' is used .*: 'apple', 'zebra'; remove"):
        await stores.action_types.delete_action_type("set_values")
    await stores.action_types.delete_action_type("delay")
    assert set(await stores.action_types.get_action_types()) == {"set_values"}
    with pytest.raises(NotFoundError):
        await stores.action_types.delete_action_type("delay")
    await stores.rules.set_active(rules[0].id, False)
    with pytest.raises(ConflictError, match="rules: 'apple'; remove"):
        await stores.action_types.delete_action_type("set_values")
    await stores.rules.delete_rule(rules[1].id)
    await stores.action_types.delete_action_type("set_values")
    assert await stores.action_types.list_published() == []


async def test_many_rules_are_not_all_named(stores, add_rule) -> None:
    await stores.action_types.publish_action_types(
        [ActionType(type="set_values", title="", kind="local")]
    )
    for n in range(12):
        await add_rule(f"rule {n:02}")
    with pytest.raises(ConflictError, match=r"'rule 09' and 2 more;"):
        await stores.action_types.delete_action_type("set_values")
