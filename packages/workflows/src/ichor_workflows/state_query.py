"""Keeps the response to the state query below the size that the server accepts."""

from collections.abc import Sequence

from msgspec.structs import replace

from ichor_core import exact_json
from ichor_core.contract import ActionState

MAX_RESULTS_BYTES = 1_000_000


def within_size(states: Sequence[ActionState]) -> list[ActionState]:
    """Return the states with as many results, in their order, as fit; the others have None."""
    room = MAX_RESULTS_BYTES
    answer: list[ActionState] = []
    for state in states:
        size = 0 if state.result is None else len(exact_json.encode(state.result))
        room -= size
        answer.append(state if room >= 0 else replace(state, result=None))
    return answer
