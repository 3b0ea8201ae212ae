"""What the demo shows: three orders, and the executions that they set off."""

import asyncio
from pathlib import Path

from demo.api import AcceptedExecution, TriggerApi
from demo.console import STATUS_STYLES, Console
from demo.inventory import describe_stock
from demo.manager import decide, is_asked
from demo.orders import LARGE, ORDERS, Order
from demo.progress import Progress
from demo.rule_files import read_rules
from demo.surroundings import Surroundings
from demo.tables import describe_order
from ichor_core.contract import TERMINAL_STATUSES
from ichor_core.errors import IchorError

_POLL_SECONDS = 0.05
_LONGEST_SECONDS = 60.0


class UnexpectedEndError(IchorError, RuntimeError):
    """An execution of the demo did not complete."""


async def tell(around: Surroundings, console: Console, picture: Path) -> None:
    """Store the rules, send the orders, and show what they set off.

    Args:
        around: what runs.
        console: where to.
        picture: gets the first execution as Mermaid text.

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

    for order in ORDERS:
        execution_id = await _send(api, console, order)
        if order is LARGE:
            drawn = await api.draw_execution(execution_id)
            await asyncio.to_thread(picture.write_text, drawn, encoding="utf-8")

    console.heading("What it changed")
    for order in ORDERS:
        console.line(f"  {await describe_order(around.dsn, order.id)}")
    for line in await describe_stock(around.inventory_dsn):
        console.line(f"  {line}")
    for mail in around.mails.mails:
        console.line(f"  {mail}")
    for call in around.partner.calls:
        console.line(f"  call of the partner, answered {call.status}: {call.idempotency_key}")


async def _send(api: TriggerApi, console: Console, order: Order) -> str:
    """Send an order, and follow what it sets off to its end; returns the first execution's id."""
    console.heading(order.title)
    accepted = (await api.post_event(order.event)).executions
    names = " and ".join(execution.rule_name for execution in accepted)
    progress = Progress(console)
    progress.say(f"event on_create accepted: {names}")
    try:
        async with asyncio.timeout(_LONGEST_SECONDS):
            await asyncio.gather(*(_follow(api, progress, execution) for execution in accepted))
    except TimeoutError:
        raise UnexpectedEndError(f"no end within {_LONGEST_SECONDS:g} s") from None
    return accepted[0].execution_id


async def _follow(api: TriggerApi, progress: Progress, execution: AcceptedExecution) -> None:
    """Show how an execution gets on until it ends, and decide what it asks."""
    decided = False
    while True:
        view = await api.get_execution(execution.execution_id)
        for action in view.actions:
            progress.show(execution.execution_id, action)
        if view.status in TERMINAL_STATUSES:
            break
        if not decided and any(is_asked(action) for action in view.actions):
            decided = await decide(api, progress, execution.execution_id)
        await asyncio.sleep(_POLL_SECONDS)
    progress.say(f"{execution.rule_name}: {view.status}", STATUS_STYLES[view.status])
    if view.status != "completed":
        reason = f": {view.error.message}" if view.error else ""
        raise UnexpectedEndError(f"{execution.rule_name} {view.status}{reason}")
