import asyncio

from ichor_core.action_type import ActionType
from ichor_core.limits import Limits

MAIL = ActionType(
    "send_email",
    "Send e-mail",
    "sync",
    limits=Limits(start_to_close=1.5),
    outcomes=("sent",),
    config_schema={"type": "object", "properties": {"to": {"maximum": 2**60}}},
)
WAIT = ActionType("delay", "Wait", "local")


async def test_descriptions_are_kept_and_replaced_by_their_type(stores) -> None:
    assert await stores.action_types.list_action_types() == []
    await stores.action_types.publish_action_types([MAIL, WAIT])
    assert await stores.action_types.list_action_types() == [WAIT, MAIL]
    renamed = ActionType("delay", "Wait a while", "local")
    await stores.action_types.publish_action_types([WAIT, renamed])
    assert await stores.action_types.get_action_types() == {"delay": renamed, "send_email": MAIL}
    await stores.action_types.publish_action_types([])
    assert len(await stores.action_types.list_action_types()) == 2


async def test_workers_publish_at_the_same_time(stores) -> None:
    types = [ActionType(f"type {n}", "", "local") for n in range(30)]
    await asyncio.gather(
        *(stores.action_types.publish_action_types(order) for order in (types, types[::-1]) * 4)
    )
    assert len(await stores.action_types.list_action_types()) == 30
