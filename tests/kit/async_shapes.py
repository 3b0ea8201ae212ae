"""Small graphs with actions that another system finishes, and how it answers each request."""

from typing import Any

from aio_pika.abc import AbstractChannel

from ichor_core.contract import ActionReply, ActionRequest, ReplyError, RunOptions
from ichor_core.graph import ActionNode, GraphDefinition
from ichor_core.limits import Limits
from tests.kit.async_rig import AsyncRig, send
from tests.kit.shapes import chain, edge, node

QUICK = Limits(initial_interval=0.01)
BUSY, REFUSED, SILENT = "busy at first", "refused", "no answer"


def ask(number: int, question: Any = None, limits: Limits = QUICK) -> ActionNode:
    """Return an action that another system answers: with the question, or as it says."""
    return node(number, "ask", limits, question=question)


def keep(number: int, value: Any = None) -> ActionNode:
    """Return a local action with this result."""
    return node(number, "keep", value=value)


def _fan(*questions: Any) -> GraphDefinition:
    """Return a local action, parallel questions behind it, and a join that reads the answers."""
    numbers = range(2, 2 + len(questions))
    last = 2 + len(questions)
    return GraphDefinition(
        [
            keep(1, "{{amount}}"),
            *(ask(n, question) for n, question in zip(numbers, questions, strict=True)),
            keep(last, " ".join(f"{{{{n{n}.answer|default: 0}}}}" for n in numbers)),
        ],
        [
            edge(None, 1),
            *(edge(1, n, "parallel") for n in numbers),
            *(edge(n, last) for n in numbers),
        ],
    )


def _beside_a_row() -> GraphDefinition:
    """Return a question, and a row of local actions that does not wait for it; then a join."""
    return GraphDefinition(
        [ask(1, "{{amount}}"), *(keep(n, n) for n in range(2, 5)), keep(5, "{{n1.answer}}")],
        [edge(None, 1), edge(None, 2), edge(2, 3), edge(3, 4), edge(1, 5), edge(4, 5)],
    )


def _long_branches() -> GraphDefinition:
    """Return two closed branches of two questions each, and a join."""
    return GraphDefinition(
        [keep(1, 1), *(ask(n, n) for n in range(2, 6)), keep(6, "{{n3.answer}} {{n5.answer}}")],
        [
            edge(None, 1),
            edge(1, 2, "parallel"),
            edge(2, 3),
            edge(1, 4, "parallel"),
            edge(4, 5),
            edge(3, 6),
            edge(5, 6),
        ],
    )


ROW = chain(keep(1, "{{amount}}"), ask(2, "{{n1.kept}}"), keep(3, "{{n2.answer}}"))

SHAPES: dict[str, tuple[GraphDefinition, RunOptions]] = {
    "row": (ROW, RunOptions()),
    "parallel": (_fan(1, "{{n1.kept}}", "{{text}}"), RunOptions()),
    "beside-a-row": (_beside_a_row(), RunOptions()),
    "retries": (chain(ask(1, BUSY), keep(2, "{{n1.answer}}")), RunOptions()),
    "failure": (_fan(1, REFUSED), RunOptions()),
    "timed-out": (
        chain(ask(1, SILENT, Limits(start_to_close=0.5, max_attempts=1)), keep(2)),
        RunOptions(),
    ),
    "children": (_long_branches(), RunOptions(child_min_actions=2)),
    "continued": (_fan(1, 2, 3), RunOptions(continue_as_new_after_actions=1)),
    "continued-child": (
        _long_branches(),
        RunOptions(child_min_actions=2, continue_as_new_after_actions=1),
    ),
}
PENDING = chain(keep(1), ask(2, SILENT), keep(3))
"""Its second action is never answered."""


async def answer_all(rig: AsyncRig, channel: AbstractChannel) -> None:
    """Be the other system until cancelled."""
    while True:
        request = await rig.requests.get()
        reply = answer(request)
        if reply is not None:
            await send(channel, rig.topology, reply)


def answer(request: ActionRequest) -> ActionReply | None:
    """Return the reply to a request, or None where there is to be none."""
    question = request.payload["question"]
    error = None
    if question == SILENT:
        return None
    if question == REFUSED:
        error = ReplyError("no", "NoError")
    elif question == BUSY and request.attempt == 1:
        error = ReplyError("busy", "BusyError", retryable=True)
    if error is not None:
        return ActionReply(request.reply_token, False, error=error)
    return ActionReply(request.reply_token, True, {"answer": question})
