"""Migrates the database, and prunes old executions, events and large values."""

import asyncio
import os
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg

from ichor_core.errors import IchorError
from ichor_edgestore.executions.retention import Pruned, count_old, prune
from ichor_edgestore.migrations import current, head, migrate

DEFAULT_VALUES_DAYS = 400
"""Days; approvals and delays may last a year."""
MAX_DAYS = 36_500

_CANNOT = 1
_BAD_INPUT = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns 0, 1 on an error of the database, 2 for bad input."""
    options = _parser().parse_args(arguments)
    try:
        dsn = options.dsn or _dsn_of_environment()
    except (OSError, ValueError) as error:
        return _complain(f"DATABASE_URL_FILE: {error}", _BAD_INPUT)
    if not dsn.startswith(("postgresql://", "postgres://")):
        what = f"{dsn.split(':')[0]!r} is not" if dsn else "--dsn or DATABASE_URL must be"
        return _complain(f"{what} a DSN such as postgresql://user@host:5432/database", _BAD_INPUT)
    try:
        sys.stdout.write(asyncio.run(options.run(dsn, options)) + "\n")
    except (ValueError, asyncpg.InterfaceError) as error:
        return _complain(f"invalid DSN: {error}", _BAD_INPUT)
    except (OSError, asyncpg.PostgresError, IchorError) as error:
        return _complain(f"database error: {error}", _CANNOT)
    return 0


def _dsn_of_environment() -> str:
    """Return `DATABASE_URL`, or what is in the file that `DATABASE_URL_FILE` names."""
    dsn, file = os.environ.get("DATABASE_URL", ""), os.environ.get("DATABASE_URL_FILE", "")
    if dsn and file:
        raise ValueError("DATABASE_URL is set too: set only one of them")
    return Path(file).read_text(encoding="utf-8").strip() if file else dsn


async def _migrate(dsn: str, _options: Namespace) -> str:
    before = await current(dsn)
    after = await migrate(dsn)
    return f"{after}: nothing to do" if before == after else f"{before or 'nothing'} -> {after}"


async def _current(dsn: str, _options: Namespace) -> str:
    revision = await current(dsn)
    return f"{revision or 'nothing'}{' (newest)' if revision == head() else ''}"


async def _prune(dsn: str, options: Namespace) -> str:
    now = datetime.now(UTC)
    ended_before = now - timedelta(days=options.keep_days)
    used_before = now - timedelta(days=options.keep_values_days)
    connection = await asyncpg.connect(dsn)
    try:
        if options.dry_run:
            return f"would remove {_words(await count_old(connection, ended_before, used_before))}"
        total = Pruned()
        async for pruned in prune(connection, ended_before, used_before):
            total += pruned
            sys.stderr.write(f"removed so far: {_words(total)}\n")
        return f"removed {_words(total)}"
    finally:
        await connection.close()


def _words(pruned: Pruned) -> str:
    return f"{pruned.executions} executions, {pruned.events} events, {pruned.values} large values"


def _complain(message: str, code: int) -> int:
    sys.stderr.write(f"ichor_edgestore: {message}\n")
    return code


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="python -m ichor_edgestore", description=__doc__)
    commands = parser.add_subparsers(metavar="command", required=True)
    for name, run, what in (
        ("migrate", _migrate, "migrate the schema to the newest revision"),
        ("current", _current, "print the revision of the schema"),
        ("prune", _prune, "remove old executions, events and large values, in small batches"),
    ):
        command = commands.add_parser(name, help=what, description=what)
        command.set_defaults(run=run)
        command.add_argument(
            "--dsn",
            help="DSN of the database; default: DATABASE_URL, or the file named by "
            "DATABASE_URL_FILE",
        )
    _add_retention(commands.choices["prune"])
    return parser


def _add_retention(command: ArgumentParser) -> None:
    command.add_argument(
        "--keep-days",
        type=_days,
        required=True,
        metavar="N",
        help="keep executions that ended and events that arrived within the last N days; remove "
        "older ones",
    )
    command.add_argument(
        "--keep-values-days",
        type=_days,
        default=DEFAULT_VALUES_DAYS,
        metavar="N",
        help="keep large values stored within the last N days; must exceed the duration of your "
        "longest execution, which may still need them (default: %(default)s)",
    )
    command.add_argument(
        "--dry-run", action="store_true", help="remove nothing; print the number of rows to remove"
    )


def _days(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MAX_DAYS:
        raise ArgumentTypeError(f"expected a whole number of days from 1 to {MAX_DAYS}")
    return int(text)
