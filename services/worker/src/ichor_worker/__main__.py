"""The command `ichor-worker`."""

import sys
from functools import partial

from cyclopts import App

from ichor_actions.builtin import builtin_actions
from ichor_actions.registry import Registry, discover
from ichor_actions.resources import Resources
from ichor_core import exact_json
from ichor_runtime.logging import configure_logging
from ichor_runtime.metrics import measuring
from ichor_runtime.settings import load_settings
from ichor_runtime.shutdown import run as run_process
from ichor_runtime.tracing import tracing
from ichor_worker.bootstrap import run
from ichor_worker.settings import WorkerSettings

app = App(
    name="ichor-worker",
    help="Runs the workflows and actions of the task queue ichor-workflow-queue.",
    result_action="return_value",
)


@app.default
def serve() -> None:
    """Run until told to stop (SIGTERM, SIGINT); what runs then has SHUTDOWN_GRACE_SECONDS to end.

    Settings are environment variables: DATABASE_URL, TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, HOST,
    PORT, LOG_LEVEL, LOG_FORMAT, MAX_CONCURRENT_ACTIVITIES, DECLARED_TABLES, SMTP_*, WEBHOOK_*,
    AMQP_URL, REPLY_TOKEN_KEYS; the README of the service explains each.
    """
    settings = load_settings(WorkerSettings)
    configure_logging(settings)
    with tracing("ichor-worker"), measuring("ichor-worker"):
        run_process(partial(run, settings))


@app.command
def types() -> None:
    """Print the action types that this worker would publish, with their schemas, as JSON."""
    resources = Resources()
    registry = Registry([*builtin_actions(resources), *discover(resources)])
    sys.stdout.write(exact_json.encode(registry.types()).decode() + "\n")


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()
