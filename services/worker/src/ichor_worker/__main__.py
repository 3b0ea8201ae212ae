"""The command `ichor-worker`."""

import asyncio
import sys
from functools import partial

from cyclopts import App
from temporalio.common import WorkerDeploymentVersion

from ichor_actions.builtin import builtin_actions
from ichor_actions.registry import Registry, discover
from ichor_actions.resources import Resources
from ichor_core import exact_json
from ichor_core.errors import IchorError
from ichor_runtime.logging import configure_logging
from ichor_runtime.settings import load_settings
from ichor_runtime.shutdown import run as run_process
from ichor_runtime.telemetry import measuring, tracing
from ichor_runtime.temporal import TEMPORAL_ERRORS, lazy_client
from ichor_worker.bootstrap import run, tables_of
from ichor_worker.hard_exit import exit_hard
from ichor_worker.settings import TableSettings, VersionSettings, WorkerSettings
from ichor_worker.versioning import make_current

app = App(
    name="ichor-worker",
    help=(
        "Temporal worker: runs the workflows and actions of the task queue ichor-workflow-queue. "
        "The default command is serve."
    ),
    result_action="return_value",
)


@app.command
def serve() -> None:
    """Run until SIGTERM or SIGINT; running actions then have SHUTDOWN_GRACE_SECONDS to end.

    A second later the process has ended, whatever still runs.

    Settings are environment variables; docs/reference/configuration.md explains each.
    """
    settings = load_settings(WorkerSettings)
    configure_logging(settings)
    with tracing("ichor-worker"), measuring("ichor-worker"):
        run_process(partial(_run_and_end, settings))


async def _run_and_end(settings: WorkerSettings, stop: asyncio.Event) -> None:
    ending = asyncio.create_task(exit_hard(stop, settings.shutdown_grace_seconds))
    try:
        await run(settings, stop)
    finally:
        ending.cancel()


@app.command
def types() -> None:
    """Print the action types that this worker would publish, with their schemas, as JSON.

    DECLARED_TABLES is the only setting that is read.
    """
    resources = Resources(tables=tables_of(load_settings(TableSettings)))
    registry = Registry([*builtin_actions(resources), *discover(resources)])
    sys.stdout.write(exact_json.encode(registry.types()).decode() + "\n")


@app.command(name="make-current")
def make_current_command() -> None:
    """Make the build of TEMPORAL_WORKER_BUILD_ID current: it takes every workflow from now on.

    A worker of that build must be running. Run it once for each build where Worker Versioning is
    used (TEMPORAL_WORKER_DEPLOYMENT_NAME); no workflow runs before the first build is current.
    """
    settings = load_settings(VersionSettings)
    name, build = settings.temporal_worker_deployment_name, settings.temporal_worker_build_id

    async def work(_stop: asyncio.Event) -> None:
        client = await lazy_client(settings.temporal)
        before = await make_current(client, WorkerDeploymentVersion(name, build))
        sys.stdout.write(
            f"build {build} of {name} is current; previous build: {before or 'none'}\n"
        )

    try:
        run_process(work)
    except (IchorError, *TEMPORAL_ERRORS) as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(1) from None


def main() -> None:
    """Run the command line; no command means `serve`."""
    app(sys.argv[1:] or ["serve"])


if __name__ == "__main__":
    main()
