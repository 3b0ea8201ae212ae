"""The command `ichor-async-completer`."""

import sys
from functools import partial

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
    help=("Completes actions from the replies of other systems. The default command is serve."),
    result_action="return_value",
)
app.command(dead_letters)


@app.command
def serve() -> None:
    """Run until SIGTERM or SIGINT; replies in hand are then finished.

    Settings are environment variables; docs/reference/configuration.md explains each.
    """
    settings = load_settings(CompleterSettings)
    configure_logging(settings)
    with tracing("ichor-async-completer"), measuring("ichor-async-completer"):
        run_process(partial(run, settings))


def main() -> None:
    """Run the command line; no command means `serve`."""
    app(sys.argv[1:] or ["serve"])


if __name__ == "__main__":
    main()
