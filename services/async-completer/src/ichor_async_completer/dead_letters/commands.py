"""The commands about dead letters: `ichor-async-completer dead-letters …`."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Collection
from datetime import UTC, datetime
from typing import Annotated, Any, NoReturn, TypeVar, cast

from cyclopts import App, Parameter
from cyclopts.validators import Number

from ichor_activities import ReplyTokens
from ichor_async_completer.dead_letters.queue import (
    DeadLetter,
    DeadLetters,
    no_dead_letter,
    open_dead_letters,
)
from ichor_async_completer.settings import OperatorSettings
from ichor_core import exact_json
from ichor_core.errors import NotFoundError
from ichor_runtime.amqp import AMQP_ERRORS, Topology, read_keys
from ichor_runtime.settings import load_settings

T = TypeVar("T")

Limit = Annotated[int, Parameter(validator=Number(gte=1, lte=1_000_000))]

dead_letters = App(
    name="dead-letters",
    help="List, show, replay or discard dead letters: messages that were unusable.",
    result_action="return_value",
)


@dead_letters.command(name="list")
def list_(*, limit: Limit = 100, json: bool = False) -> None:
    """List dead letters, the oldest first.

    Args:
        limit: maximum number to list.
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
def show(id: str, *, json: bool = False) -> None:
    """Show one dead letter with its headers and body.

    Args:
        id: as `list` shows it.
        json: print JSON; bytes that are not text are escaped.
    """

    async def work(letters: DeadLetters) -> dict[str, Any]:
        letter, message = await letters.get(id)
        body = message.body.decode(errors="backslashreplace")
        return {"dead_letter": letter, "headers": _plain(message.headers), "body": body}

    found = _run(work)
    if json:
        _print_json(found)
        return
    _print(_line(found["dead_letter"]))
    for name, value in found["headers"].items():
        _print(
            f"  {name}: {value if isinstance(value, str) else exact_json.encode(value).decode()}"
        )
    _print(found["body"])


@dead_letters.command
def replay(*ids: str, all: bool = False, limit: Limit | None = None, json: bool = False) -> None:
    """Publish dead letters again to the exchange they came from; fix the cause first.

    If ids do not exist, the others are replayed, the missing are named, and the exit code is 1.

    Args:
        ids: ids as `list` shows them.
        all: replay every dead letter.
        limit: with --all, maximum number, oldest first.
        json: print JSON, one object with `replayed` and `not_found`.
    """
    wanted = _wanted(ids, limit, all=all)
    done = _run(lambda letters: letters.replay(wanted, limit))
    _print_done("replayed", ids, done, json=json)


@dead_letters.command
def discard(*ids: str, all: bool = False, limit: Limit | None = None, json: bool = False) -> None:
    """Delete dead letters.

    If ids do not exist, the others are deleted, the missing are named, and the exit code is 1.

    Args:
        ids: ids as `list` shows them.
        all: delete every dead letter.
        limit: with --all, maximum number, oldest first.
        json: print JSON, one object with `discarded` and `not_found`.
    """
    wanted = _wanted(ids, limit, all=all)
    done = _run(lambda letters: letters.discard(wanted, limit))
    _print_done("discarded", ids, done, json=json)


def _wanted(ids: Collection[str], limit: int | None, *, all: bool) -> Collection[str] | None:
    if all is bool(ids):
        _fail("give ids or --all", code=2)
    if ids and limit is not None:
        _fail("--limit requires --all", code=2)
    return None if all else ids


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


def _print_done(what: str, ids: Collection[str], letters: list[DeadLetter], *, json: bool) -> None:
    done = [letter.id for letter in letters]
    missing = [id for id in dict.fromkeys(ids) if id not in done]
    if json:
        _print_json({what: done, "not_found": missing})
    else:
        _print(f"{len(done)} {what}")
    if missing:
        _fail(str(no_dead_letter(*missing)))


def _line(letter: DeadLetter) -> str:
    died_at = "-" if letter.died_at is None else _time(letter.died_at)
    # The sender chose this text: none of it may reach the terminal as a control sequence.
    message_id = (letter.message_id or "-").encode("unicode_escape").decode()
    return (
        f"{letter.id}  {died_at}  {letter.queue}  {letter.size} B  message_id={message_id}"
        f"  {letter.reason}"
    )


def _plain(value: Any) -> Any:
    """Return the value of a header as JSON."""
    match value:
        case dict():
            fields = cast(dict[str, Any], value)
            return {name: _plain(one) for name, one in fields.items()}
        case list():
            return [_plain(one) for one in cast(list[Any], value)]
        case datetime():
            return _time(value)
        case bytes() | bytearray():
            return value.decode(errors="backslashreplace")
        case _:
            return value


def _time(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
