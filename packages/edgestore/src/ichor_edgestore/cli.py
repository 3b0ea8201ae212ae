"""``python -m ichor_edgestore``: migrates the database."""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence

import asyncpg

from ichor_core.errors import IchorError
from ichor_edgestore.migrations import current, head, migrate

_CANNOT = 1
_BAD_INPUT = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns 0, 1 where the database refuses, 2 for bad input."""
    options = _parser().parse_args(arguments)
    dsn = options.dsn or os.environ.get("DATABASE_URL", "")
    if not dsn.startswith(("postgresql://", "postgres://")):
        what = f"{dsn.split(':')[0]!r} is not" if dsn else "--dsn or DATABASE_URL must be"
        return _complain(f"{what} a DSN such as postgresql://user@host:5432/database", _BAD_INPUT)
    try:
        sys.stdout.write(asyncio.run(_COMMANDS[options.command](dsn)) + "\n")
    except (ValueError, asyncpg.InterfaceError) as error:
        return _complain(f"the DSN cannot be used: {error}", _BAD_INPUT)
    except (OSError, asyncpg.PostgresError, IchorError) as error:
        return _complain(f"the database cannot be used: {error}", _CANNOT)
    return 0


async def _migrate(dsn: str) -> str:
    before = await current(dsn)
    after = await migrate(dsn)
    return f"{after}: nothing to do" if before == after else f"{before or 'nothing'} -> {after}"


async def _current(dsn: str) -> str:
    revision = await current(dsn)
    return f"{revision or 'nothing'}{' (newest)' if revision == head() else ''}"


_COMMANDS = {"migrate": _migrate, "current": _current}


def _complain(message: str, code: int) -> int:
    sys.stderr.write(f"ichor_edgestore: {message}\n")
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ichor_edgestore", description=__doc__)
    parser.add_argument("command", choices=sorted(_COMMANDS))
    parser.add_argument("--dsn", help="the database; default: the variable DATABASE_URL")
    return parser
