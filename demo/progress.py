"""How executions get on, line by line, in the order in which it happens."""

import time

from demo.api import ActionView
from demo.console import STATUS_STYLES, Cell, Console, Style
from ichor_core import exact_json

_WIDTHS = (6, 15, 18, 9, 0)
_WAITS_FOR = {
    "allocate_inventory": "the request is in RabbitMQ; the inventory service will reply",
    "manager_approval": "waits for a person, holds nothing meanwhile",
}
"""By action type: what an action that runs waits for."""


class Progress:
    """Writes a line whenever an action gets on.

    Args:
        console: where to.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._began = time.monotonic()
        self._seen: dict[tuple[str, str], tuple[str, int]] = {}

    def say(self, text: str, style: Style | None = None) -> None:
        """Write that something else happened."""
        self._console.line(f"  {self._time()}  {text}", style)

    def show(self, execution_id: str, action: ActionView) -> None:
        """Write how an action stands, if that is news."""
        key, state = (execution_id, action.name), (action.status, action.attempts)
        if action.status in ("waiting", "unknown") or self._seen.get(key) == state:
            return
        self._seen[key] = state
        what = _what(action)
        if action.status == "running" and not what:
            return  # it will soon be over
        cells: list[Cell] = [
            (self._time(), None),
            (action.name, None),
            (action.type, "dim"),
            (action.status, STATUS_STYLES[action.status]),
            (what, "red" if action.error else "dim"),
        ]
        self._console.row(cells, _WIDTHS)

    def _time(self) -> str:
        return f"{time.monotonic() - self._began:4.1f} s"


def _what(action: ActionView) -> str:
    """Return what there is to say: why it failed, what it waits for, what came of it."""
    attempt = f"attempt {action.attempts}: " if action.attempts > 1 else ""
    if action.error is not None:
        return attempt + action.error.message
    if action.status == "running":
        return attempt + (action.last_failure or _WAITS_FOR.get(action.type, ""))
    if action.status == "skipped":
        return "no branch led here"
    return attempt + ("" if action.result is None else exact_json.encode(action.result).decode())
