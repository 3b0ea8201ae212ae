"""What has to be there after an execution of a shape, derived from the event's number alone."""

from collections import Counter
from collections.abc import Iterable

from msgspec import Struct

from ichor_core.graph import ActionNode
from tests.chaos.shapes import COUNTERS, Shape, label_of, vote_of


class Expected(Struct, frozen=True, kw_only=True):
    """The effects of some executions, each by its label."""

    rows: Counter[str]
    changes: Counter[str]
    counters: Counter[str]
    alerts: Counter[str]
    mails: frozenset[str]
    paths: frozenset[str]
    approvals: dict[str, str]
    """Execution id → vote."""
    reservations: frozenset[str]
    """Request ids."""
    ledger: frozenset[str]
    """Keys."""


_LEDGER = ("create_record", "update_field", "create_alert")


def expect(executions: Iterable[tuple[str, Shape, int]]) -> Expected:
    """Return what these executions (id, shape, number of the event) have to leave."""
    found: dict[str, list[str]] = {}
    counters: Counter[str] = Counter()
    approvals: dict[str, str] = {}
    ledger: set[str] = set()
    reservations: set[str] = set()
    for execution_id, shape, number in executions:
        for action in shape.runs(number):
            label = label_of(shape.name, number, action.name)
            found.setdefault(action.action_type, []).append(label)
            if action.action_type in _LEDGER:
                ledger.add(effect_key(execution_id, action))
            if action.action_type == "update_field":
                counters[f"counter-{number % COUNTERS}"] += 1
            if action.action_type == "allocate_inventory":
                reservations.add(effect_key(execution_id, action))
            if action.action_type == "approval_request":
                approvals[execution_id] = vote_of(number)
    return Expected(
        rows=Counter(found.get("create_record")),
        changes=Counter(found.get("update_field")),
        counters=counters,
        alerts=Counter(found.get("create_alert")),
        mails=frozenset(found.get("send_email", ())),
        paths=frozenset(f"/{label}" for label in found.get("call_webhook", ())),
        approvals=approvals,
        reservations=frozenset(reservations),
        ledger=frozenset(ledger),
    )


def effect_key(execution_id: str, action: ActionNode) -> str:
    """Return under which the effect of an action happens once."""
    return f"{execution_id}/{action.id}/0"
