"""The commands about dead letters: `ichor-async-completer dead-letters …`."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, NoReturn, TypeVar

from cyclopts import App, Parameter
from cyclopts.validators import Number

from ichor_activities import ReplyTokens
from ichor_async_completer.dead_letters import DeadLetter, DeadLetters, open_dead_letters
from ichor_async_completer.settings import OperatorSettings
from ichor_core import exact_json
from ichor_core.errors import NotFoundError
from ichor_runtime.amqp import AMQP_ERRORS, Topology
from ichor_runtime.message_settings import read_keys
from ichor_runtime.settings import load_settings

T = TypeVar("T")

Limit = Annotated[int, Parameter(validator=Number(gte=1, lte=1_000_000))]

dead_letters = App(
    name="dead-letters",
    help="List, show, replay or discard messages that could not be used.",
    result_action="return_value",
)


@dead_letters.command(name="list")
def list_(*, limit: Limit = 100, json: bool = False) -> None:
    """List dead letters, the oldest first.

    Args:
        limit: how many are looked at.
        json: print JSON, one object with `total` and `dead_letters`.
    """

    async def work(letters: DeadLetters) -> tuple[int, list[DeadLetter]]:
        return await letters.count(), await letters.oldest(limit)

    total, found = _run(work)
    if json:
        _print_json({"total": total, "dead_letters": found})
        return
    for letter in found:
        _print(_line(letter))
    _print(f"{len(found)} of {total} dead letters")


@dead_letters.command
def show(id: str, *, limit: Limit = 10_000, json: bool = False) -> None:
    """Show one dead letter with its headers and body.

    Args:
        id: as `list` shows it.
        limit: how many are searched.
        json: print JSON; a body that is not text is shown with escapes.
    """

    async def work(letters: DeadLetters) -> dict[str, Any]:
        letter, message = await letters.get(id, limit)
        body = message.body.decode(errors="backslashreplace")
        headers = {name: str(value) for name, value in message.headers.items()}
        return {"dead_letter": letter, "headers": headers, "body": body}

    found = _run(work)
    if json:
        _print_json(found)
        return
    _print(_line(found["dead_letter"]))
    for name, value in found["headers"].items():
        _print(f"  {name}: {value}")
    _print(found["body"])


@dead_letters.command
def replay(*ids: str, all: bool = False, limit: Limit = 10_000, json: bool = False) -> None:
    """Publish dead letters again to where they came from; cure the cause before.

    Args:
        ids: which, as `list` shows them.
        all: every one.
        limit: how many are looked at, the oldest first.
        json: print JSON.
    """
    wanted = _wanted(ids, all=all)
    _print_done("replayed", _run(lambda letters: letters.replay(wanted, limit)), json=json)


@dead_letters.command
def discard(*ids: str, all: bool = False, limit: Limit = 10_000, json: bool = False) -> None:
    """Remove dead letters for good.

    Args:
        ids: which, as `list` shows them.
        all: every one.
        limit: how many are looked at, the oldest first.
        json: print JSON.
    """
    wanted = _wanted(ids, all=all)
    _print_done("discarded", _run(lambda letters: letters.discard(wanted, limit)), json=json)


def _wanted(ids: tuple[str, ...], *, all: bool) -> Callable[[DeadLetter], bool]:
    if all is bool(ids):
        _fail("name the dead letters, or say --all", code=2)
    return lambda letter: all or letter.id in ids


def _run(work: Callable[[DeadLetters], Awaitable[T]]) -> T:
    settings = load_settings(OperatorSettings)
    keys = settings.reply_token_keys
    tokens = None if keys is None else ReplyTokens(read_keys(keys))

    async def connected() -> T:
        url = settings.amqp_url.get_secret_value()
        async with open_dead_letters(url, Topology(settings.amqp_prefix), tokens) as letters:
            return await work(letters)

    try:
        return asyncio.run(connected())
    except NotFoundError as error:
        _fail(str(error))
    except AMQP_ERRORS as error:
        _fail(f"RabbitMQ: {str(error) or type(error).__name__}")


def _fail(message: str, code: int = 1) -> NoReturn:
    sys.stderr.write(message + "\n")
    raise SystemExit(code)


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")


def _print_json(value: Any) -> None:
    _print(exact_json.encode(value).decode())


def _print_done(what: str, letters: list[DeadLetter], *, json: bool) -> None:
    if json:
        _print_json({what: [letter.id for letter in letters]})
    else:
        _print(f"{len(letters)} {what}")


def _line(letter: DeadLetter) -> str:
    died_at = "-" if letter.died_at is None else letter.died_at.isoformat(timespec="seconds")
    return f"{letter.id}  {died_at}  {letter.queue}  {letter.size} B  {letter.reason}"
