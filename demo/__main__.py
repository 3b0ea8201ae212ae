"""Runs the order workflow on real servers, and shows what happens."""

import asyncio
import signal
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import msgspec

from demo import environment
from demo import kept as kept_data
from demo.console import Console
from demo.environment import environment_file
from demo.hints import ROOT, Hints, shown
from demo.kept import Kept
from demo.orders import LARGE
from demo.own_worker import worker_published
from demo.parallel import in_parallel
from demo.story import tell
from demo.surroundings import MAILS, Surroundings, surroundings
from demo.watched import Watched
from ichor_core.errors import IchorError
from ichor_devstack.processes import NotInstalledError

_STOPPED = "Everything is stopped."
_FAILED = 1
_NOT_INSTALLED = 2


def main() -> int:
    """Run the command line and return its exit code.

    0; 1 after a failure; 2 where a server must be installed first; 128 + signal.
    """
    parser = ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("--stay", action="store_true", help="leave everything running until Ctrl-C")
    parser.add_argument(
        "--without-worker", action="store_true", help="wait for a worker that you start"
    )
    parser.add_argument(
        "--keep",
        action="store_true",
        help="keep the data of the servers, in the folder data beside the logs",
    )
    parser.add_argument(
        "--logs",
        type=Path,
        default=ROOT / ".ichor" / "demo",
        metavar="FOLDER",
        help="for the logs of the processes, and env, which says how to reach them "
        "(default: .ichor/demo)",
    )
    options = parser.parse_args()
    console = Console(sys.stdout)
    try:
        options.logs.mkdir(parents=True, exist_ok=True)
        kept = Kept(options.logs / kept_data.NAME) if options.keep else None
        patterns = ["*.log", "*.mmd", environment.NAME]
        if kept is None or kept.is_new:
            patterns.append(f"{MAILS}/*.eml")
        for pattern in patterns:
            for old in options.logs.glob(pattern):
                old.unlink()
        return asyncio.run(_until_signal(_demo(options, console, kept)))
    except (IchorError, OSError) as error:
        console.line()
        Console(sys.stderr).line(f"error: {error}", "red")
        if isinstance(error, NotInstalledError):
            return _NOT_INSTALLED
        console.line(_STOPPED)
        return _FAILED


async def _until_signal(work: Coroutine[Any, Any, int]) -> int:
    """Do the work; the first signal ends it in order, and those that follow change nothing."""
    loop = asyncio.get_running_loop()
    task = asyncio.create_task(work)
    got: list[int] = []

    def stop(number: int) -> None:
        # Ctrl-C may come twice, from the terminal and from the program that started this one.
        if not got:
            got.append(number)
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop, number)
    try:
        return await task
    except asyncio.CancelledError:
        if not got:
            raise
        return 128 + got[0]


async def _demo(options: Namespace, console: Console, kept: Kept | None) -> int:
    logs: Path = options.logs
    console.line(f"Starting servers and services; their logs go to {shown(logs)}", "bold")
    staying = asyncio.Event()
    try:
        async with surroundings(
            logs, console, worker=not options.without_worker, kept=kept
        ) as around:
            with environment_file(logs / environment.NAME, around.variables):
                hints = Hints(around, logs, logs / f"order-{LARGE.id}.mmd", console)
                work = _work(around, hints, console, options, staying)
                await _while_alive(around, work, hints, stay=options.stay)
    except asyncio.CancelledError:
        if not staying.is_set():
            raise
    console.line()
    console.line(_STOPPED)
    return 0


async def _work(
    around: Surroundings,
    hints: Hints,
    console: Console,
    options: Namespace,
    staying: asyncio.Event,
) -> None:
    """Tell the story; where all stays, go on whatever comes of it, and set `staying`."""
    try:
        if options.without_worker:
            hints.own_worker()
            await worker_published(around)
        if around.kept is None or around.kept.is_new:
            await tell(around, console, hints.picture)
        else:
            hints.what_was_kept()
    except (IchorError, OSError) as error:
        if not options.stay:
            raise
        console.line(f"error: {error}; the rest goes on", "red")
    if not options.stay:
        hints.what_is_left()
        return
    hints.places()
    hints.how_to_go_on()
    around.mails.on_mail = hints.mail
    if around.kept:
        # From here on the data are the user's, whatever came of the story.
        around.kept.is_told()
    staying.set()
    await asyncio.Event().wait()


async def _while_alive(
    around: Surroundings, work: Coroutine[Any, Any, None], hints: Hints, *, stay: bool
) -> None:
    """Do the work, and fail as soon as a process ends meanwhile.

    Args:
        around: whose processes.
        work: what is done.
        hints: says that a service has ended.
        stay: whether the rest goes on then; it cannot without a server.

    Raises:
        ServerEndedError: a process ended.
    """

    async def watch(watched: Watched) -> None:
        how = await watched.ended()
        while stay and watched.revive is not None:
            watched = msgspec.structs.replace(watched, process=await watched.revive())
            hints.revived(watched, how)
            how = await watched.ended()
        if not (stay and watched.again):
            raise watched.error(how)
        hints.ended(watched, how)

    async def watch_all() -> None:
        async with in_parallel() as group:
            for watched in around.processes:
                group.create_task(watch(watched))

    tasks = [asyncio.create_task(work), asyncio.create_task(watch_all())]
    try:
        # Temporal is always watched, and no end of it can be borne: this does not return in peace.
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    # A server that ended is the reason for what the work ran into.
    for task in reversed(tasks):
        if task in done:
            task.result()


if __name__ == "__main__":
    raise SystemExit(main())
