"""The command `ichor-async-completer`."""

import asyncio

from cyclopts import App

from ichor_async_completer.bootstrap import run
from ichor_async_completer.dead_letters.commands import dead_letters
from ichor_async_completer.settings import CompleterSettings
from ichor_runtime.logging import configure_logging
from ichor_runtime.settings import load_settings
from ichor_runtime.shutdown import run as run_process
from ichor_runtime.telemetry import measuring, tracing

app = App(
    name="ichor-async-completer",
    help="Completes actions from the replies of other systems.",
    result_action="return_value",
)
app.command(dead_letters)


@app.command
def serve() -> None:
    """Run until told to stop (SIGTERM, SIGINT); what is in hand then is finished.

    Settings are environment variables; docs/reference/configuration.md explains each.
    """
    settings = load_settings(CompleterSettings)
    configure_logging(settings)

    async def work(stop: asyncio.Event) -> None:
        await run(settings, stop)

    with tracing("ichor-async-completer"), measuring("ichor-async-completer"):
        run_process(work)


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()
