"""The command `ichor-trigger-api`."""

from functools import partial

from cyclopts import App

from ichor_runtime.logging import configure_logging
from ichor_runtime.settings import load_settings
from ichor_runtime.shutdown import run
from ichor_runtime.telemetry import measuring, tracing
from ichor_trigger_api import bootstrap
from ichor_trigger_api.settings import ApiSettings

app = App(
    name="ichor-trigger-api",
    help="Accept entity events over HTTP and start the workflows of the rules they match.",
    result_action="return_value",
)


@app.command
def serve() -> None:
    """Serve HTTP until SIGTERM or SIGINT, and start workflows unless RELAY=false.

    Settings are environment variables; docs/reference/configuration.md explains each.
    """
    _run(bootstrap.serve, "trigger-api")


@app.command
def relay() -> None:
    """Start workflows without serving the API; only health and metrics are served, on PORT.

    Any number of these processes may run. Settings are those of `serve`.
    """
    _run(bootstrap.relay, "relay")


def _run(process: bootstrap.Process, kind: str) -> None:
    settings = load_settings(ApiSettings)
    configure_logging(settings)
    with tracing("ichor-trigger-api"), measuring("ichor-trigger-api", kind):
        run(partial(process, settings))


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()
