"""A worker that the user starts instead of the demo."""

import asyncio

from demo.api import TriggerApi
from demo.rule_files import read_rules
from demo.surroundings import Surroundings

_POLL_SECONDS = 0.2


async def worker_published(around: Surroundings) -> None:
    """Wait until a worker has published all action types that the rules need.

    Raises:
        ApiError: the trigger API does not answer.
    """
    api = TriggerApi(around.api_url)
    rules = read_rules(around.partner.url)
    needed = {action["action_type"] for file in rules for action in file.graph["actions"]}
    while not needed <= await api.list_action_types():  # noqa: ASYNC110 - it can only be asked
        await asyncio.sleep(_POLL_SECONDS)
