"""``python -m demo``: runs the demo, and with ``--stay`` leaves everything running."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from demo.console import Console
from demo.orders import LARGE, OF_YOURS
from demo.story import tell
from demo.surroundings import Surroundings, surroundings
from ichor_core import exact_json
from ichor_core.errors import IchorError
from ichor_devstack.processes import NotInstalledError

ROOT = Path(__file__).parent.parent
_FAILED = 1
_NOT_INSTALLED = 2


def main() -> int:
    """Run the command line and return its exit code.

    0; 1 after a failure; 2 where a server must be installed first; 128 + signal.
    """
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("--stay", action="store_true", help="leave everything running until Ctrl-C")
    parser.add_argument(
        "--logs",
        type=Path,
        default=ROOT / ".ichor" / "demo",
        metavar="FOLDER",
        help="for the logs of the processes (default: .ichor/demo)",
    )
    options = parser.parse_args()
    console = Console(sys.stdout)
    try:
        options.logs.mkdir(parents=True, exist_ok=True)
        for old in (*options.logs.glob("*.log"), *options.logs.glob("*.mmd")):
            old.unlink()
        return asyncio.run(_until_signal(_demo(options.logs, console, stay=options.stay)))
    except (IchorError, OSError) as error:
        console.line()
        Console(sys.stderr).line(f"error: {error}", "red")
        return _NOT_INSTALLED if isinstance(error, NotInstalledError) else _FAILED


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


async def _demo(logs: Path, console: Console, *, stay: bool) -> int:
    console.line(f"Starting servers and services; their logs go to {_shown(logs)}", "bold")
    staying = False
    try:
        async with surroundings(logs, console) as around:
            picture = logs / f"order-{LARGE.id}.mmd"
            await _while_alive(around, tell(around, console, picture))
            _show_places(around, picture, console, stay=stay)
            if stay:
                _show_how_to_go_on(around, console)
                staying = True
                await _while_alive(around, asyncio.Event().wait())
    except asyncio.CancelledError:
        if not staying:
            raise
    console.line()
    console.line("Everything is stopped.")
    return 0


async def _while_alive(around: Surroundings, work: Coroutine[Any, Any, Any]) -> None:
    """Do the work, and fail as soon as a server ends meanwhile."""
    tasks = [asyncio.create_task(work), asyncio.create_task(around.watch())]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    # A server that ended is the reason for what the work ran into.
    for task in reversed(tasks):
        if task in done:
            task.result()


def _show_places(around: Surroundings, picture: Path, console: Console, *, stay: bool) -> None:
    console.heading("Where to look" if stay else "Where to look, if it is left running (make up)")
    console.line(f"  API      {around.api_url}/schema/openapi.json")
    console.line(f"  Temporal {around.temporal_ui}")
    if stay and around.broker.server:
        console.line(f"  RabbitMQ {around.broker.url}")
    console.line(f"  logs     {_shown(picture.parent)}")
    console.line(f"  picture  {_shown(picture)} is the first execution, in Mermaid")


def _show_how_to_go_on(around: Surroundings, console: Console) -> None:
    console.heading("Everything runs until Ctrl-C. In another terminal:")
    console.line(f"export ICHOR={around.api_url}/api/v1/workflow")
    console.line(
        "curl -sS $ICHOR/events -H 'Content-Type: application/json' \\\n"
        f"  -d '{exact_json.encode(OF_YOURS).decode()}'"
    )
    console.line(f'curl -sS "$ICHOR/executions?entity_id={OF_YOURS["entity_id"]}"')


def _shown(path: Path) -> str:
    return str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)


if __name__ == "__main__":
    raise SystemExit(main())
