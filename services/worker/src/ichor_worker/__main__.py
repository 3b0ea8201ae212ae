"""The command `ichor-worker`."""

import asyncio
import sys
from functools import partial

from cyclopts import App
from temporalio.common import WorkerDeploymentVersion
from temporalio.service import RPCError

from ichor_actions.builtin import builtin_actions
from ichor_actions.registry import Registry, discover
from ichor_actions.resources import Resources
from ichor_core import exact_json
from ichor_core.errors import IchorError
from ichor_runtime.logging import configure_logging
from ichor_runtime.settings import load_settings
from ichor_runtime.shutdown import run as run_process
from ichor_runtime.telemetry import measuring, tracing
from ichor_runtime.temporal import lazy_client
from ichor_worker.bootstrap import run
from ichor_worker.settings import TableSettings, VersionSettings, WorkerSettings
from ichor_worker.versioning import make_current

app = App(
    name="ichor-worker",
    help=(
        "Runs the workflows and actions of the task queue ichor-workflow-queue. "
        "Without a command it serves."
    ),
    result_action="return_value",
)


@app.command
def serve() -> None:
    """Run until told to stop (SIGTERM, SIGINT); what runs then has SHUTDOWN_GRACE_SECONDS to end.

    Settings are environment variables; docs/reference/configuration.md explains each.
    """
    settings = load_settings(WorkerSettings)
    configure_logging(settings)
    with tracing("ichor-worker"), measuring("ichor-worker"):
        run_process(partial(run, settings))


@app.command
def types() -> None:
    """Print the action types that this worker would publish, with their schemas, as JSON.

    Of the settings only DECLARED_TABLES is looked at.
    """
    resources = Resources(tables=load_settings(TableSettings).tables())
    registry = Registry([*builtin_actions(resources), *discover(resources)])
    sys.stdout.write(exact_json.encode(registry.types()).decode() + "\n")


@app.command(name="make-current")
def make_current_command() -> None:
    """Let the build of TEMPORAL_WORKER_BUILD_ID take every workflow from now on.

    A worker of that build must be running. Needed once for each build where Worker Versioning is
    used (TEMPORAL_WORKER_DEPLOYMENT_NAME); nothing runs before the first build is current.
    """
    settings = load_settings(VersionSettings)
    name, build = settings.temporal_worker_deployment_name, settings.temporal_worker_build_id

    async def work(_stop: asyncio.Event) -> None:
        client = await lazy_client(settings.temporal)
        before = await make_current(client, WorkerDeploymentVersion(name, build))
        sys.stdout.write(f"build {build} of {name} is current; before it: {before or 'none'}\n")

    try:
        run_process(work)
    except (IchorError, RPCError, RuntimeError) as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(1) from None


def main() -> None:
    """Run the command line; no command means `serve`."""
    app(sys.argv[1:] or ["serve"])


if __name__ == "__main__":
    main()
