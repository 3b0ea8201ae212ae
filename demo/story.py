"""What the demo shows: two orders, and the executions that they set off."""

import asyncio
from typing import Any

from demo.api import AcceptedExecution, ActionView, ExecutionView, TriggerApi
from demo.console import STATUS_STYLES, Cell, Console
from demo.rule_files import read_rules
from demo.surroundings import Surroundings
from demo.tables import describe_order
from ichor_core import exact_json
from ichor_core.contract import TERMINAL_STATUSES
from ichor_core.errors import IchorError

LARGE_ORDER: dict[str, Any] = {
    "entity_name": "orders",
    "entity_id": "1001",
    "event_type": "on_create",
    "data": {
        "amount": 1499.9,
        "items": ["desk", "lamp"],
        "customer": {"name": " Example Books ", "email": "books@example.com", "tier": "standard"},
    },
}
SMALL_GOLD_ORDER: dict[str, Any] = {
    "entity_name": "orders",
    "entity_id": "1002",
    "event_type": "on_create",
    "data": {
        "amount": 80,
        "currency": "chf",
        "items": ["chair"],
        "shipping": {"carrier": "rail"},
        "customer": {"name": "Example Tea", "email": "tea@example.com", "tier": "gold"},
    },
}
_POLL_SECONDS = 0.05
_LONGEST_SECONDS = 60.0
_TITLES = ("action", "type", "status", "time", "attempts", "result or error")


class UnexpectedEndError(IchorError, RuntimeError):
    """An execution of the demo did not complete."""


async def tell(around: Surroundings, console: Console) -> None:
    """Store the rules, send two events, and show what they set off.

    Raises:
        UnexpectedEndError: an execution did not complete, or takes too long.
        ApiError: the trigger API refused something.
    """
    api = TriggerApi(around.api_url)
    console.heading("Rules, stored over HTTP")
    for file in read_rules(around.partner.url):
        rule_id = await api.create_rule(file.rule)
        await api.put_graph(rule_id, file.graph)
        await api.activate_rule(rule_id)
        console.line(f"  {file.rule['name']}: {file.rule['description']}")

    large, *_ = await _send(api, console, "A large order of a standard customer", LARGE_ORDER)
    await _send(api, console, "A small order of a gold customer", SMALL_GOLD_ORDER)

    console.heading("What it changed")
    for event in (LARGE_ORDER, SMALL_GOLD_ORDER):
        console.line(f"  {await describe_order(around.dsn, event['entity_id'])}")
    for mail in around.mails.mails:
        console.line(f"  mail to {', '.join(mail.recipients)}: {mail.subject}")
    for call in around.partner.calls:
        console.line(f"  call of the partner, answered {call.status}: {call.idempotency_key}")

    console.heading("The first execution as a picture (Mermaid)")
    console.line((await api.draw_execution(large)).rstrip())


async def _send(api: TriggerApi, console: Console, title: str, event: dict[str, Any]) -> list[str]:
    """Send an event, and follow what it sets off to its end; returns the execution ids."""
    console.heading(f"{title}: event {event['event_type']} of {event['entity_name']}")
    accepted = await api.post_event(event)
    names = ", ".join(execution.rule_name for execution in accepted.executions)
    console.line(f"  accepted; rules that match: {names or 'none'}")
    try:
        async with asyncio.timeout(_LONGEST_SECONDS):
            ends = await asyncio.gather(*(follow(api, console, one) for one in accepted.executions))
    except TimeoutError:
        raise UnexpectedEndError(f"no end within {_LONGEST_SECONDS:g} s") from None
    for accepted_execution, end in zip(accepted.executions, ends, strict=True):
        console.line()
        console.line(f"  {accepted_execution.rule_name}: {end.status}", STATUS_STYLES[end.status])
        console.table(_TITLES, [_row(action) for action in end.actions])
        if end.status != "completed":
            reason = f": {end.error.message}" if end.error else ""
            raise UnexpectedEndError(f"{accepted_execution.rule_name} {end.status}{reason}")
    return [execution.execution_id for execution in accepted.executions]


async def follow(api: TriggerApi, console: Console, execution: AcceptedExecution) -> ExecutionView:
    """Write a line whenever an action gets on, until the execution ends; returns its end."""
    seen: dict[str, tuple[str, int]] = {}
    while True:
        view = await api.get_execution(execution.execution_id)
        for action in view.actions:
            state = (action.status, action.attempts)
            if action.status != "waiting" and seen.get(action.name) != state:
                seen[action.name] = state
                attempt = f", attempt {action.attempts}" if action.attempts > 1 else ""
                reason = f" ({action.last_failure})" if action.last_failure else ""
                text = f"{action.name} {action.status}{attempt}{reason}"
                console.line(f"  {execution.rule_name} > {text}", STATUS_STYLES[action.status])
        if view.status in TERMINAL_STATUSES:
            return view
        await asyncio.sleep(_POLL_SECONDS)


def _row(action: ActionView) -> list[Cell]:
    if action.error is not None:
        outcome = action.error.message
    else:
        outcome = "" if action.result is None else exact_json.encode(action.result).decode()
    return [
        (action.name, None),
        (action.type, "dim"),
        (action.status, STATUS_STYLES[action.status]),
        (_duration(action), None),
        (str(action.attempts or ""), None),
        (outcome, "red" if action.error else "dim"),
    ]


def _duration(action: ActionView) -> str:
    if action.started_at is None or action.finished_at is None:
        return ""
    return f"{(action.finished_at - action.started_at).total_seconds() * 1000:.0f} ms"
